const motifs = ['dots', 'waves', 'arcs', 'lattice', 'petals', 'weave'] as const
export type Motif = (typeof motifs)[number]

const grounds = [
  '#c8572f',
  '#d98e2b',
  '#6f7d33',
  '#2f6f6a',
  '#8d3b4a',
  '#7a5230',
  '#486a94',
  '#a8672a',
] as const

export interface StylePattern {
  motif: Motif
  ground: string
}

/** The picture of a kitchen style: always the same for the same style, so that diners recognise it. */
export function stylePattern(style: string): StylePattern {
  const hash = fnv1a(style.toLowerCase())
  return {
    motif: motifs[hash % motifs.length] ?? 'dots',
    ground: grounds[(hash >>> 8) % grounds.length] ?? '#c8572f',
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}
