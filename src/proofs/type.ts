/** What a file is, by its bytes; neither its name nor what its sender says of it decides. */
import { fileTypeFromBuffer } from 'file-type';
import type { ProofType } from '../store/types.ts';

/** So many bytes at the beginning tell a type. */
export const HEAD = 4_100;

const TYPES: Record<string, ProofType> = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/webp': 'image/webp',
  'image/heic': 'image/heic',
  'image/heif': 'image/heic',
  'application/pdf': 'application/pdf',
};
/** Other names of the same types, as programs send them. */
const SAID: Record<string, ProofType> = {
  ...TYPES,
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'application/x-pdf': 'application/pdf',
  'text/plain': 'text/plain',
};
export const EXTENSIONS: Record<ProofType, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
};
export const PHOTOS: ReadonlySet<ProofType> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/heic',
]);

/** What is written in letters and is more than its letters, as SVG is. */
const MARKUP = /^text\/|xml|rtf|postscript/;

/**
 * The type of a file that begins so; null for one that is not taken. Whether it is text its whole length must tell: a
 * receipt may begin with the letters by which a picture is known, `BM`, or a program, `MZ`.
 */
export async function typeOf(head: Uint8Array): Promise<ProofType | null> {
  const found = await fileTypeFromBuffer(head);
  if (!found) return 'text/plain';
  return TYPES[found.mime] ?? (MARKUP.test(found.mime) ? null : 'text/plain');
}

/** Does a sender's word contradict what the bytes are? One who says nothing, or nothing definite, does not. */
export const contradictsDeclaredType = (said: string | null, type: ProofType): boolean => {
  const plain = said?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const known = SAID[plain];
  if (known) return known !== type;
  return plain !== '' && plain !== 'application/octet-stream' && !plain.startsWith('text/');
};

/** Reads text as it comes: UTF-8, without control characters other than those of lines and tabs. */
export function textReader(): { take(chunk: Uint8Array): boolean; end(): boolean } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const isText = (chunk: Uint8Array | undefined, stream: boolean): boolean => {
    try {
      return !/[\u0000-\u0008\u000e-\u001f\u007f]/.test(decoder.decode(chunk, { stream }));
    } catch {
      return false;
    }
  };
  return { take: (chunk) => isText(chunk, true), end: () => isText(undefined, false) };
}
