import { hash } from 'node:crypto';

/** The SHA-256 of a key or token in base64url (43 characters): the only form that is stored. */
export const digest = (secret: string): string => hash('sha256', secret, 'base64url');
