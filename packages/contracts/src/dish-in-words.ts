/** A dish as it is told of an order, with what was chosen of it by name. */
export const dishInWords = ({ name, choices = [] }: { name: string; choices?: string[] | undefined }) =>
  choices.length > 0 ? `${name} (${choices.join(', ')})` : name
