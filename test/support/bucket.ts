/**
 * A fake bucket with only what most S3-compatible services support: it stores the bytes that it is sent and returns
 * them. Signatures are not checked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';

export type Bucket = {
  /** For PROOFS_URL; the files lie under `keepline/proofs`. */
  url: string;
  /** Its files by full key, without the bucket's name. */
  files: Map<string, Buffer>;
  /** The region of the last request's signature. */
  region(): string | undefined;
  /** Answers every request with this status from now on; null: as usual. */
  failWith(status: number | null): void;
};

/** Headers of features that many compatible services lack. */
const UNSUPPORTED = ['x-amz-acl', 'x-amz-checksum-mode'];

const xml = (code: string) => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;

/** Listens until the test ends, and puts keys for the AWS SDK into the environment. */
export async function openTestBucket(t: Test): Promise<Bucket> {
  const files = new Map<string, Buffer>();
  let failure: number | null = null;
  let region: string | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://bucket').pathname).slice(
      '/proofs/'.length,
    );
    const say = (status: number, content: Buffer | string = '') =>
      response
        .writeHead(status, { 'content-length': Buffer.byteLength(content), etag: '"0"' })
        .end(request.method === 'HEAD' ? undefined : content);
    region = request.headers.authorization?.match(/Credential=[^/]+\/\d+\/([^/]+)/)?.[1];
    if (UNSUPPORTED.some((header) => header in request.headers)) return say(501, xml('NotImplemented'));
    if (failure !== null) return say(failure, xml('InternalError'));
    if (request.method === 'PUT') {
      if (request.headers['content-length'] === undefined) return say(411, xml('MissingContentLength'));
      files.set(name, body);
      return say(200);
    }
    if (request.method === 'DELETE') {
      files.delete(name);
      return say(204);
    }
    const file = files.get(name);
    return file ? say(200, file) : say(404, xml('NoSuchKey'));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const keys = { AWS_ACCESS_KEY_ID: 'a-key', AWS_SECRET_ACCESS_KEY: 'a-secret-of-the-tests' };
  Object.assign(process.env, keys);
  t.teardown(() => {
    for (const name of Object.keys(keys)) delete process.env[name];
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `s3://proofs/keepline/proofs?endpoint=http://localhost:${port}`,
    files,
    region: () => region,
    failWith(status) {
      failure = status;
    },
  };
}
