interface DietTagsProps {
  style: string
  vegetarian: boolean
  delivery: boolean
}

/** What a restaurant is, in short words. */
export function DietTags({ style, vegetarian, delivery }: DietTagsProps) {
  return (
    <ul className="flex flex-wrap gap-2 text-xs font-semibold">
      <li className="rounded-full bg-linen px-3 py-1">{style}</li>
      {vegetarian && <li className="rounded-full bg-olive/10 px-3 py-1 text-olive">Vegetarian</li>}
      {delivery && <li className="rounded-full bg-saffron/25 px-3 py-1">Delivers</li>}
    </ul>
  )
}
