import { type Dish, money } from 'kafka-restaurants-contracts'
import { type Cart, maxQuantity } from './cart.ts'

interface MenuProps {
  menu: Dish[]
  currency: string
  cart: Cart
  onQuantity: (dishId: string, quantity: number) => void
}

export function Menu({ menu, currency, cart, onQuantity }: MenuProps) {
  return (
    <section aria-labelledby="menu-heading">
      <h2 id="menu-heading" className="text-xl font-bold tracking-tight">
        Menu
      </h2>
      <ul className="panel mt-4 divide-y divide-crust">
        {menu.map(dish => (
          <li key={dish.id} className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:gap-x-6 sm:p-5">
            <div className="min-w-0 flex-[1_1_6rem]">
              <h3 className="font-semibold">
                {dish.name}
                {dish.vegetarian && (
                  <span className="ms-2 inline-block rounded-full bg-olive/10 px-2 py-0.5 text-xs font-semibold text-olive">
                    Vegetarian
                  </span>
                )}
              </h3>
              {dish.description && <p className="mt-0.5 text-sm text-cocoa">{dish.description}</p>}
              <p className="mt-1.5 text-sm font-semibold tabular-nums">{money(dish.priceCents, currency)}</p>
            </div>
            <Stepper
              name={dish.name}
              quantity={cart[dish.id] ?? 0}
              onQuantity={quantity => onQuantity(dish.id, quantity)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface StepperProps {
  name: string
  quantity: number
  onQuantity: (quantity: number) => void
}

function Stepper({ name, quantity, onQuantity }: StepperProps) {
  return (
    <fieldset className="flex items-center gap-1 rounded-full border border-crust bg-cream p-1">
      <legend className="sr-only">Quantity of {name}</legend>
      <Step
        label={`Remove one ${name}`}
        sign="M5 10h10"
        disabled={quantity === 0}
        onClick={() => onQuantity(quantity - 1)}
      />
      <output className="w-8 text-center font-semibold tabular-nums" aria-label={`${name} in the order`}>
        {quantity}
      </output>
      <Step
        label={`Add one ${name}`}
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
