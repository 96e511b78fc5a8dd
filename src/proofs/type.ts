/** Detects a file's type by its bytes; neither its name nor its declared type decides. */
import { fileTypeFromBuffer } from 'file-type';
import type { ProofType } from '../store/types.ts';

/** How many bytes at the beginning are needed to detect a type. */
export const HEAD = 4_100;

const TYPES: Record<string, ProofType> = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/webp': 'image/webp',
  'image/heic': 'image/heic',
  'image/heif': 'image/heic',
  'application/pdf': 'application/pdf',
};
/** Media types that clients declare, including aliases. */
const DECLARED: Record<string, ProofType> = {
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

/** Markup and scripts, such as SVG, which are text but not plain text. */
const MARKUP = /^text\/|xml|rtf|postscript/;

/**
 * The type of a file by its first bytes; null for markup. Any other type that is not accepted gives `text/plain`, since a
 * receipt may begin with the magic letters of a picture or a program, `BM` or `MZ`: whether the file is text must be
 * confirmed by reading all of it.
 */
export async function typeOf(head: Uint8Array): Promise<ProofType | null> {
  const found = await fileTypeFromBuffer(head);
  if (!found) return 'text/plain';
  return TYPES[found.mime] ?? (MARKUP.test(found.mime) ? null : 'text/plain');
}

/** Whether a declared media type contradicts the detected one; a missing or generic one does not. */
export const contradictsDeclaredType = (declared: string | null, type: ProofType): boolean => {
  const mediaType = declared?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const known = DECLARED[mediaType];
  if (known) return known !== type;
  return mediaType !== '' && mediaType !== 'application/octet-stream' && !mediaType.startsWith('text/');
};

/** Checks chunk by chunk that a stream is UTF-8 text without control characters other than whitespace. */
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
