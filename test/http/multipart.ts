/** Multipart bodies as a browser sends them. */
import type { Call } from './service.ts';

type Sent = {
  bytes: string | Uint8Array;
  field?: string;
  name?: string;
  /** null: without a content type, as Python's requests sends files. */
  type?: string | null;
};

/** A body of one or more parts, with its headers. */
export function multipart(...parts: Sent[]) {
  const boundary = 'a-boundary-of-the-tests';
  const pieces = parts.flatMap(
    ({ bytes, field = 'file', name = 'receipt.bin', type = 'application/octet-stream' }) => [
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\n${type === null ? '' : `content-type: ${type}\r\n`}\r\n`,
      ),
      Buffer.from(bytes as Uint8Array),
      Buffer.from('\r\n'),
    ],
  );
  return {
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** Sends one file as a payment's proof. */
export function sendFile(
  api: Call,
  payment: string,
  file: Sent,
  query = '',
  more: Record<string, string> = {},
) {
  const { body, headers } = multipart(file);
  return api('POST', `/v1/payments/${payment}/proofs${query}`, body, { ...headers, ...more });
}
