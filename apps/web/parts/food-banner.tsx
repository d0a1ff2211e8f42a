import type { Picture } from './food.ts'

interface FoodBannerProps {
  picture: Picture
  className: string
  /** Whether it is seen before anybody scrolls. */
  first?: boolean
  /** Whether none of it may be cut off, however wide it is shown. */
  whole?: boolean
}

/** A drawing of what a restaurant is known for, where other sites would show a photograph. It says nothing that the text does not. */
export function FoodBanner({ picture: { food, ground }, className, first, whole }: FoodBannerProps) {
  return (
    <div className={`${ground} ${className}`}>
      {/* biome-ignore lint/performance/noImgElement: a drawing of 4 kB, which nothing could make smaller */}
      <img
        src={`/foods/${food}.svg`}
        alt=""
        width={400}
        height={128}
        loading={first ? 'eager' : 'lazy'}
        decoding="async"
        className={`size-full ${whole ? 'object-contain' : 'object-cover'}`}
      />
    </div>
  )
}
