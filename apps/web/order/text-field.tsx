import { useTranslations } from 'next-intl'
import type { ComponentProps } from 'react'
import type { FieldErrors as FormErrors, UseFormRegister } from 'react-hook-form'
import { Field } from './field.tsx'
import type { OrderFields } from './order-fields.ts'

/** The form's own parts, as its fields need them. */
export interface FormParts {
  register: UseFormRegister<OrderFields>
  errors: FormErrors<OrderFields>
}

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'form'> {
  form: FormParts
  name: keyof OrderFields
  hint?: string
}

/**
 * A line of text of the order's form, whose id is its name and whose label is that of the catalogue. It reads as what is typed does (`dir="auto"` would turn an empty
 * one to the left); one that always reads from left to right stands where the others begin.
 */
export function TextField({ form: { register, errors }, name, hint, ...input }: TextFieldProps) {
  const t = useTranslations('checkout.fields')
  const error = errors[name]
  return (
    <Field id={name} label={t(name)} error={error} {...(hint && { hint })}>
      <input
        id={name}
        type="text"
        className={input.dir === 'ltr' ? 'field rtl:text-end' : 'field [unicode-bidi:plaintext]'}
        aria-invalid={error !== undefined}
        aria-describedby={error && `${name}-error`}
        {...input}
        {...register(name)}
      />
    </Field>
  )
}
