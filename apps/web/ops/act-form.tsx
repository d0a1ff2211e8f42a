import { randomUUID } from 'node:crypto'
import type { DeadLetterAct, DeadLetterChoice } from 'kafka-restaurants-contracts'

interface ActFormProps {
  act: DeadLetterAct['act']
  choice: DeadLetterChoice
  label: string
  isQuiet?: boolean
}

/** One button. Its key makes that it is done once, however often it is pressed or its page is loaded again. */
export function ActForm({ act, choice, label, isQuiet }: ActFormProps) {
  const fields = Object.entries({ act, key: randomUUID(), ...choice })
  return (
    <form action="/ops/act" method="post" className="max-sm:w-full">
      {fields.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className={`${isQuiet ? 'button-quiet' : 'button'} max-sm:w-full`}>
        {label}
      </button>
    </form>
  )
}
