import type { Picture } from './food.ts'
import { foodDrawing } from './food-drawing.ts'

interface FoodBannerProps {
  picture: Picture
  className: string
  /** Whether it is seen before anybody scrolls: it comes with the page then, and is there when the text is. */
  first?: boolean
  /** Whether none of it may be cut off, however wide it is shown. */
  whole?: boolean
}

/** A drawing of what a restaurant is known for, where other sites would show a photograph. It says nothing that the text does not. */
export function FoodBanner({ picture: { food, ground }, className, first, whole }: FoodBannerProps) {
  return first ? (
    <div
      className={`${ground} ${className}`}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a file of our own
      dangerouslySetInnerHTML={{ __html: foodDrawing(food, { whole }) }}
    />
  ) : (
    <div className={`${ground} ${className}`}>
      {/* biome-ignore lint/performance/noImgElement: a drawing of 4 kB, which nothing could make smaller */}
      <img
        src={`/foods/${food}.svg`}
        alt=""
        width={400}
        height={128}
        loading="lazy"
        decoding="async"
        className={`size-full ${whole ? 'object-contain' : 'object-cover'}`}
      />
    </div>
  )
}
