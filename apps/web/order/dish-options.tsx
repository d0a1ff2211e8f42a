import { choicesFaults, type Dish, type DishOption, money, priceWith } from 'kafka-restaurants-contracts'
import { useState } from 'react'

interface DishOptionsProps {
  dish: Dish
  currency: string
  onAdd: (choices: string[]) => void
}

/** What there is to decide of a dish before it is added. What has to be chosen is at first as the menu begins. */
export function DishOptions({ dish, currency, onAdd }: DishOptionsProps) {
  const { options = [] } = dish
  const [chosen, setChosen] = useState(() => options.flatMap(firstOf))
  const isReady = choicesFaults(dish, chosen).length === 0
  return (
    <details className="w-full">
      <summary className="flex min-h-11 w-fit cursor-pointer items-center rounded-lg font-semibold text-brick underline-offset-4 hover:underline">
        Choose {options.map(({ name }) => name.toLowerCase()).join(', ')}
      </summary>
      <div className="mt-2 space-y-4">
        {options.map(option => (
          <Option
            key={option.name}
            name={`${dish.id}-${option.name}`}
            option={option}
            currency={currency}
            chosen={chosen}
            onChange={setChosen}
          />
        ))}
        <button
          type="button"
          className="button"
          aria-disabled={!isReady}
          onClick={isReady ? () => onAdd(chosen) : undefined}
        >
          Add for {money(priceWith(dish, chosen), currency)}
        </button>
      </div>
    </details>
  )
}

const firstOf = ({ least, choices }: DishOption) => choices.slice(0, least).map(({ id }) => id)

interface OptionProps {
  /** Of its radio buttons. */
  name: string
  option: DishOption
  currency: string
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}

function Option({ name, option, currency, chosen, onChange }: OptionProps) {
  const { choices, most } = option
  const own = choices.map(({ id }) => id).filter(id => chosen.includes(id))
  const isOne = option.least === 1 && most === 1
  const others = chosen.filter(id => !own.includes(id))
  const toggle = (id: string) => {
    if (isOne) onChange([...others, id])
    else if (own.includes(id)) onChange(chosen.filter(each => each !== id))
    else if (own.length < most) onChange([...chosen, id])
  }
  return (
    <fieldset>
      <legend className="text-sm font-semibold">
        {option.name} <span className="font-normal text-cocoa">({howMany(option)})</span>
      </legend>
      <div className="mt-1 flex flex-wrap gap-2">
        {choices.map(({ id, name: text, priceCents }) => {
          const isChosen = own.includes(id)
          return (
            <label
              key={id}
              className="flex min-h-11 cursor-pointer items-center gap-2 rounded-full border border-edge px-4 text-sm has-checked:border-brick has-checked:bg-brick/10 has-aria-disabled:cursor-default has-aria-disabled:text-cocoa/60 has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-brick"
            >
              <input
                type={isOne ? 'radio' : 'checkbox'}
                name={name}
                checked={isChosen}
                aria-disabled={!isOne && !isChosen && own.length >= most}
                onChange={() => toggle(id)}
                className="size-4 accent-brick"
              />
              <span>
                {text}
                {priceCents > 0 && <span className="text-cocoa"> +{money(priceCents, currency)}</span>}
              </span>
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}

function howMany({ least, most }: DishOption): string {
  if (least === most) return `choose ${least}`
  return least === 0 ? `up to ${most}` : `${least} to ${most}`
}
