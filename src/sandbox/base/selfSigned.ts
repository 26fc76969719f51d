/** Makes a self-signed certificate for the practice mailbox's https: Node can read certificates, but not write them. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and its certificate, both PEM. The certificate is self-signed, so it is its own CA. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/**
 * For `localhost` and `127.0.0.1`, with the fields that RFC 5280 requires, in DER: a tag, a length, the content.
 */
export function makeSelfSigned(now = Date.now()): SelfSigned {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const dayMs = 24 * 3600 * 1000;
  const name = sequence(
    der(0x31, sequence(objectIds.commonName, der(0x0c, Buffer.from("Freight Mail practice mailbox")))),
  );
  const names = sequence(
    der(0x82, Buffer.from("localhost")), // dNSName
    der(0x87, Buffer.from([127, 0, 0, 1])), // iPAddress
  );
  // The first byte must be neither negative nor a redundant zero.
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const algorithm = sequence(objectIds.ecdsaWithSha256);
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    algorithm,
    name, // issuer
    sequence(time(now - dayMs), time(now + 365 * dayMs)),
    name, // subject
    pair.publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        sequence(objectIds.subjectAltName, der(0x04, names)),
        sequence(
          objectIds.basicConstraints,
          der(0x01, Buffer.from([0xff])), // critical
          der(0x04, sequence(der(0x01, Buffer.from([0xff])))), // a CA
        ),
      ),
    ),
  );
  // A bit string begins with the number of its unused bits.
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", toBeSigned, pair.privateKey)]);
  const certificate = sequence(toBeSigned, algorithm, der(0x03, signature));
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem("CERTIFICATE", certificate),
  };
}

const objectIds = {
  commonName: objectId(0x55, 0x04, 0x03),
  subjectAltName: objectId(0x55, 0x1d, 0x11),
  basicConstraints: objectId(0x55, 0x1d, 0x13),
  ecdsaWithSha256: objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02),
};

function objectId(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** `YYMMDDhhmmssZ`; the two digits of the year are enough until 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\.\d+|\D/g, "");
  return der(0x17, Buffer.from(`${digits.slice(2)}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length > 0xffff) throw new RangeError("a certificate is shorter than that");
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
