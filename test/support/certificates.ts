/** Certificates for tests, made here: Node reads X.509 but writes none, and openssl is not on every machine. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** One tag, length, content of DER. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([Buffer.of(tag, 0x82), length, content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const octets = (content: Uint8Array) => der(0x04, content);
const bits = (content: Uint8Array) => der(0x03, Buffer.of(0), content);
const yes = der(0x01, Buffer.of(0xff));
const utcTime = (date: Date) =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, "").slice(2, 14)}Z`));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const commonName = (name: string) =>
  sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
const extension = (id: string, value: Uint8Array, critical = false) =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value));
const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

interface Wish {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

let serial = 0;

/** RFC 5280, 4.1: good for a day, from a day ago. */
function certificate({ subject, issuer, publicKey, signer, extensions }: Wish): string {
  const dayMs = 86_400_000;
  serial++;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.of(0x40, serial)),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(utcTime(new Date(Date.now() - dayMs)), utcTime(new Date(Date.now() + dayMs))),
    commonName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  return pem(sequence(toBeSigned, ecdsaWithSha256, bits(sign("sha256", toBeSigned, signer))));
}

const newKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

/** An authority that nobody knows yet, and what it issues. */
export class Authority {
  readonly #name: string;
  readonly #keys = newKeys();
  /** Its own certificate, in PEM. */
  readonly cert: string;

  constructor(name = "Private Test Authority") {
    this.#name = name;
    this.cert = certificate({
      subject: name,
      issuer: name,
      publicKey: this.#keys.publicKey,
      signer: this.#keys.privateKey,
      extensions: [extension("551d13", sequence(yes), true)], // basic constraints: it may issue
    });
  }

  /** A server's certificate. @param hosts names, or IPv4 addresses */
  issue(...hosts: readonly string[]): Certificate {
    const { publicKey, privateKey } = newKeys();
    const names = hosts.map((host) =>
      /^[\d.]+$/.test(host)
        ? der(0x87, Buffer.from(host.split(".").map(Number)))
        : der(0x82, Buffer.from(host)),
    );
    const cert = certificate({
      subject: hosts[0] ?? "",
      issuer: this.#name,
      publicKey,
      signer: this.#keys.privateKey,
      extensions: [extension("551d11", sequence(...names))],
    });
    return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  }
}
