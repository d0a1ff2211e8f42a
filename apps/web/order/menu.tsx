import { type Dish, dishInWords, money } from 'kafka-restaurants-contracts'
import { type Cart, lineId, linesOf, maxQuantity } from './cart.ts'
import { DishOptions } from './dish-options.tsx'
import { sectionsOf } from './menu-sections.ts'
import { fill } from './page-texts.ts'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { usePageTexts } from './use-page-texts.ts'

interface MenuProps {
  restaurant: RestaurantWithCurrency
  popular: readonly string[]
  cart: Cart
  /** By the id of the cart's line. */
  onQuantity: (id: string, quantity: number) => void
}

export function Menu({ restaurant, popular, cart, onQuantity }: MenuProps) {
  const { menu, currency } = restaurant
  const texts = usePageTexts()
  const sections = sectionsOf(menu)
  return (
    <section aria-labelledby="menu-heading">
      <h2 id="menu-heading" className="text-xl font-bold tracking-tight">
        {texts.menu}
      </h2>
      {menu.length === 0 && <p className="panel mt-4 p-5 text-cocoa">{texts.noMenu}</p>}
      {sections.map(({ name, dishes }) => (
        <div key={name}>
          {name && (
            <h3 className="mt-6 font-semibold">
              <bdi>{name}</bdi>
            </h3>
          )}
          <ul className="panel mt-4 divide-y divide-crust">
            {dishes.map(dish => (
              <Item
                key={dish.id}
                dish={dish}
                isPopular={popular.includes(dish.name)}
                currency={currency}
                cart={cart}
                onQuantity={onQuantity}
                level={name ? 4 : 3}
              />
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}

interface ItemProps {
  dish: Dish
  isPopular: boolean
  currency: string
  cart: Cart
  onQuantity: MenuProps['onQuantity']
  /** Of its heading. */
  level: 3 | 4
}

function Item({ dish, isPopular, currency, cart, onQuantity, level }: ItemProps) {
  const { id, name, description, vegetarian, allergens = [], options = [] } = dish
  const texts = usePageTexts()
  const Heading = `h${level}` as const
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:gap-x-6 sm:p-5">
      <div className="min-w-0 flex-[1_1_6rem]">
        <Heading className="flex flex-wrap items-center gap-x-2 font-semibold break-words">
          <bdi>{name}</bdi>
          {vegetarian && (
            <span className="rounded-full bg-olive/10 px-2 py-0.5 text-xs font-semibold text-olive">
              {texts.vegetarian}
            </span>
          )}
          {isPopular && (
            <span className="rounded-full bg-saffron/25 px-2 py-0.5 text-xs font-semibold">
              {texts.popular}
            </span>
          )}
        </Heading>
        {description && (
          <p className="mt-0.5 text-sm break-words text-cocoa">
            <bdi>{description}</bdi>
          </p>
        )}
        {allergens.length > 0 && (
          <p className="mt-0.5 text-sm break-words text-cocoa">
            {fill(texts.contains, { allergens: allergens.join(', ') })}
          </p>
        )}
        <p className="mt-1.5 text-sm font-semibold tabular-nums">
          {money(dish.priceCents, currency, texts.locale)}
        </p>
      </div>
      {options.length === 0 ? (
        <Stepper name={name} quantity={cart[id] ?? 0} onQuantity={quantity => onQuantity(id, quantity)} />
      ) : (
        <>
          {linesOf(cart, dish).map(line => (
            <div key={line.id} className="flex w-full flex-wrap items-center justify-between gap-x-4 gap-y-2">
              <p className="text-sm">
                <bdi>{line.choices.join(', ') || name}</bdi>
              </p>
              <Stepper
                name={dishInWords({ name, choices: line.choices })}
                quantity={line.quantity}
                onQuantity={quantity => onQuantity(line.id, quantity)}
              />
            </div>
          ))}
          <DishOptions
            dish={dish}
            currency={currency}
            onAdd={choices => {
              const line = lineId(id, choices)
              onQuantity(line, (cart[line] ?? 0) + 1)
            }}
          />
        </>
      )}
    </li>
  )
}

interface StepperProps {
  name: string
  quantity: number
  onQuantity: (quantity: number) => void
}

function Stepper({ name, quantity, onQuantity }: StepperProps) {
  const texts = usePageTexts()
  const of = (text: string) => fill(text, { dish: name })
  return (
    <fieldset className="flex items-center gap-1 rounded-full border border-crust bg-cream p-1">
      <legend className="sr-only">{of(texts.quantityOf)}</legend>
      <Step
        label={of(texts.removeOne)}
        sign="M5 10h10"
        disabled={quantity === 0}
        onClick={() => onQuantity(quantity - 1)}
      />
      <output className="w-8 text-center font-semibold tabular-nums" aria-label={of(texts.inTheOrder)}>
        {quantity}
      </output>
      <Step
        label={of(texts.addOne)}
        sign="M5 10h10M10 5v10"
        disabled={quantity === maxQuantity}
        onClick={() => onQuantity(quantity + 1)}
      />
    </fieldset>
  )
}

interface StepProps {
  label: string
  sign: string
  disabled: boolean
  onClick: () => void
}

/** Disabled by ARIA alone: a real `disabled` would take the focus away from who steps down to zero by keyboard. */
function Step({ label, sign, disabled, onClick }: StepProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-disabled={disabled}
      onClick={disabled ? undefined : onClick}
      className="grid size-11 place-items-center rounded-full bg-white text-brick shadow-sm transition-colors hover:bg-brick hover:text-white aria-disabled:cursor-default aria-disabled:bg-transparent aria-disabled:text-cocoa/40 aria-disabled:shadow-none"
    >
      <svg viewBox="0 0 20 20" className="size-5 stroke-current" aria-hidden="true">
        <path d={sign} strokeWidth="2" strokeLinecap="round" />
      </svg>
    </button>
  )
}
