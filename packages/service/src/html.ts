const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes text safe to stand in HTML, within an element or a quoted attribute. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, character => entities[character] ?? '')
