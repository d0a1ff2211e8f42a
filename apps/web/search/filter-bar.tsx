import { asRead } from 'kafka-restaurants-contracts'
import type { Filters } from './filters.ts'

interface FilterBarProps {
  filters: Filters
  styles: string[]
  onName: (name: string) => void
  onChange: (changed: Partial<Filters>) => void
}

export function FilterBar({ filters, styles, onName, onChange }: FilterBarProps) {
  const chosen = styles.find(style => asRead(style) === asRead(filters.style)) ?? ''
  return (
    <search aria-label="Restaurants">
      <form
        className="panel relative -mt-12 grid gap-4 p-4 shadow-lg shadow-ink/5 sm:p-6 md:grid-cols-[1fr_14rem_auto]"
        onSubmit={event => {
          event.preventDefault()
          onChange({})
        }}
      >
        <div>
          <label htmlFor="name" className="field-label">
            Restaurant name
          </label>
          <input
            id="name"
            type="search"
            className="field"
            placeholder="Any part of the name"
            autoComplete="off"
            maxLength={200}
            value={filters.name}
            onChange={event => onName(event.target.value)}
          />
        </div>
        <div>
          <label htmlFor="style" className="field-label">
            Style
          </label>
          <select
            id="style"
            className="field"
            value={chosen}
            onChange={event => onChange({ style: event.target.value })}
          >
            <option value="">Every style</option>
            {styles.map(style => (
              <option key={style}>{style}</option>
            ))}
          </select>
        </div>
        <fieldset className="flex flex-wrap items-end gap-2">
          <legend className="sr-only">Only restaurants that are</legend>
          <Toggle
            label="Vegetarian"
            checked={filters.vegetarian}
            onChange={vegetarian => onChange({ vegetarian })}
          />
          <Toggle label="Delivery" checked={filters.delivery} onChange={delivery => onChange({ delivery })} />
        </fieldset>
      </form>
    </search>
  )
}

interface ToggleProps {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
}

function Toggle({ label, checked, onChange }: ToggleProps) {
  return (
    <label className="flex h-13 cursor-pointer items-center gap-2.5 rounded-xl border border-crust px-4 font-medium has-checked:border-olive has-checked:bg-olive/10">
      <input
        type="checkbox"
        className="size-4 accent-olive"
        checked={checked}
        onChange={event => onChange(event.target.checked)}
      />
      {label}
    </label>
  )
}
