type DerivedKey = Parameters<(typeof crypto.subtle)["deriveKey"]>[2];
type Usages = Parameters<(typeof crypto.subtle)["deriveKey"]>[4];

const encoder = new TextEncoder();
/** Keeps a leading byte order mark: what was sealed comes back as it was. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the client secret protects at rest. One is derived per secret. */
export interface Seal {
  /** Names the credential set: an HMAC, so that it reveals nothing. */
  readonly keyId: string;
  /** Encrypts and authenticates `text`. */
  seal(text: string): Promise<string>;
  /** The text that was sealed; undefined where it was altered, or sealed under other credentials. */
  unseal(sealed: string): Promise<string | undefined>;
}

/**
 * Derives two keys from the client secret with HKDF-SHA-256 (RFC 5869): one names the credential set by an HMAC over
 * `description`, the other seals with AES-256-GCM, bound to that name.
 */
export async function createSeal(clientSecret: string, description: string): Promise<Seal> {
  const secret = await crypto.subtle.importKey("raw", encoder.encode(clientSecret), "HKDF", false, [
    "deriveKey",
  ]);
  const derive = (info: string, algorithm: DerivedKey, usages: Usages) =>
    crypto.subtle.deriveKey(
      {
        name: "HKDF",
        hash: "SHA-256",
        salt: new Uint8Array(),
        info: encoder.encode(`personify-auth ${info}`),
      },
      secret,
      algorithm,
      false,
      usages,
    );
  const naming = await derive("key id v1", { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]);
  const keyId = encode(new Uint8Array(await crypto.subtle.sign("HMAC", naming, encoder.encode(description))));
  let sealing: Awaited<ReturnType<typeof derive>> | undefined;
  /**
   * Without a token store there is nothing to seal, and the first token request does not wait for it. The key is kept
   * and not its promise, which may be rejected, and on workerd belongs to one request.
   */
  const sealingKey = async () => {
    sealing ??= await derive("seal v1", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]);
    return sealing;
  };
  const additionalData = encoder.encode(keyId);
  return {
    keyId,
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv, additionalData },
        await sealingKey(),
        encoder.encode(text),
      );
      return format(iv, new Uint8Array(sealed));
    },
    async unseal(sealed) {
      try {
        const [iv, data] = sealed.split(".").slice(1).map(decode);
        if (iv === undefined || data === undefined) return undefined;
        // The same bytes have other spellings, with padding and spaces: what is not ours as it stands was altered.
        if (sealed !== format(iv, data)) return undefined;
        const opened = await crypto.subtle.decrypt(
          { name: "AES-GCM", iv, additionalData },
          await sealingKey(),
          data,
        );
        return decoder.decode(opened);
      } catch {
        return undefined;
      }
    },
  };
}

function format(iv: Uint8Array, data: Uint8Array): string {
  return `v1.${encode(iv)}.${encode(data)}`;
}

function encode(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
