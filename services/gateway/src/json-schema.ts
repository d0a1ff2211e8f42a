import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'

/** One faulty field; `field` is a path such as `items.0.quantity`. */
interface FieldFault {
  field: string
  message: string
}

/** @returns what is wrong with a value, the first faults of it; none where it fits */
export type CheckJson = (value: unknown) => FieldFault[]

const mostFaults = 50

/** @throws Error in words, where it is no JSON Schema 2020-12 */
export function compileSchema(schema: unknown): CheckJson {
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema)))
    throw new Error('must be a JSON Schema: a mapping')
  // One of its own, as the schemas of two routes may have the same $id.
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, logger: false })
  let validate: ReturnType<typeof ajv.compile>
  try {
    validate = ajv.compile(schema)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`is no JSON Schema 2020-12: ${why.replace(/^schema is invalid: /, '')}`)
  }
  return value => (validate(value) ? [] : (validate.errors ?? []).slice(0, mostFaults).map(faultOf))
}

/** Says no value of the body: only what the schema has, and the names of keys. */
function faultOf({
  instancePath,
  keyword,
  params,
  message = 'is not as it should be',
}: ErrorObject): FieldFault {
  const steps = instancePath
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (keyword === 'required')
    return { field: [...steps, params.missingProperty].join('.'), message: 'must be given' }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const extra = params.additionalProperty ?? params.unevaluatedProperty
    return { field: [...steps, extra].join('.'), message: 'unknown field' }
  }
  if (keyword === 'enum')
    return { field: steps.join('.'), message: `must be one of ${params.allowedValues.join(', ')}` }
  return { field: steps.join('.'), message }
}
