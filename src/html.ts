/** Markup with everything put into it escaped, for element content and quoted attributes. */

export type Html = { readonly markup: string };

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const show = (value: string | Html | readonly Html[]): string => {
  if (typeof value === 'string')
    return value.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
  return 'markup' in value ? value.markup : value.map(show).join('');
};

export const html = (parts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html => ({
  markup: String.raw({ raw: parts }, ...values.map(show)),
});

/** Markup that is written here and holds nothing of anybody else's. */
export const trusted = (markup: string): Html => ({ markup });
