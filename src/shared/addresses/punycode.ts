/** Domains as people write them: the decoder of RFC 3492, which browsers have but do not offer. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE = 128;
/** A label has at most 63 letters, so no sum comes near the largest safe integer. */
const LONGEST_LABEL = 63;

/** `xn--mnchen-3ya.example` → `münchen.example`; undefined without such a label, or when one is invalid. */
export function readableDomain(domain: string): string | undefined {
  if (!/(^|\.)xn--/i.test(domain)) return undefined;
  const labels = domain.split(".").map((label) => (/^xn--/i.test(label) ? decode(label.slice(4)) : label));
  const readable = labels.join(".");
  // Letters only: nothing in it may make it pass for another address.
  return labels.includes(undefined) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(readable) ? undefined : readable;
}

function decode(label: string): string | undefined {
  if (label.length > LONGEST_LABEL || /[^a-z0-9-]/i.test(label)) return undefined;
  const split = label.lastIndexOf("-");
  const codes = [...label.slice(0, Math.max(0, split))].map((letter) => letter.charCodeAt(0));
  let code = FIRST_CODE;
  let place = 0;
  let bias = FIRST_BIAS;
  const digits = [...label.slice(split + 1).toLowerCase()].map(digitOf);
  for (let at = 0; at < digits.length; ) {
    const before = place;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digits[at++];
      if (digit === undefined || digit < 0) return undefined;
      place += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const count = codes.length + 1;
    bias = adapt(place - before, count, before === 0);
    code += Math.floor(place / count);
    place %= count;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    codes.splice(place++, 0, code);
  }
  return codes.map((known) => String.fromCodePoint(known)).join("");
}

/** a to z are 0 to 25, 0 to 9 are 26 to 35. */
function digitOf(letter: string): number {
  const code = letter.charCodeAt(0);
  return code >= 97 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : -1;
}

function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
