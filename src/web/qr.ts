import { html } from 'ghtml';
import { encode } from 'uqr';

const BORDER = 4;

/** A QR code as SVG, dark on light in both colour schemes so that cameras read it; `title` is its accessible name. */
export function qrCode(text: string, title: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: BORDER });
  // One path of horizontal runs takes a tenth of the bytes that a square per module would.
  const runs = data.flatMap((row, y) => {
    const commands: string[] = [];
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      commands.push(`M${start} ${y}h${x - start + 1}v1H${start}z`);
    }
    return commands;
  });
  return html`<svg class="qr" role="img" aria-labelledby="qr-title" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><title id="qr-title">${title}</title><rect width="${size}" height="${size}" fill="#fff"/><path d="${runs.join('')}" fill="#000"/></svg>`;
}
