/** JSON texts of documents in which something is not what it should be. */
import fc from "fast-check";

/** Values as they stand in a text, so that names like `__proto__` arrive as they would from outside. */
const VALUE: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    ...[
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"toString":1}',
    ],
    ...["null", "true", "-0", "1e400", "-1e400", "9007199254740993", "1e-400", '""', "[]", "{}", '"\\u0000"'],
    ...['"\\ud800"', '"__proto__"', '"../../.."', '"\\u202e"', '"%"', '"%zz"', '"99999999999999999999-"'],
    ...['"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59+14:00"', '"2026-02-30T00:00:00Z"', '"https://"'],
    ...['"<img src=x onerror=alert(1)>"', '"[a](command:b)"', `"${"x".repeat(5_000)}"`],
    `${"[".repeat(500)}${"]".repeat(500)}`,
  ),
);

const MARK = "@@here@@";

type Path = readonly (string | number)[];

function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

/** A copy with the mark at a path. */
function marked(value: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined) return MARK;
  if (Array.isArray(value))
    return value.map((inner, i) => (String(i) === String(first) ? marked(inner, rest) : inner));
  if (typeof value !== "object" || value === null) return MARK;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === String(first) ? marked(inner, rest) : inner]),
  );
}

/** Texts of `sample` with one to three of its values, the whole among them, replaced, left out or put beside. */
export function spoiled(sample: unknown): fc.Arbitrary<string> {
  const all = paths(sample);
  const change = fc.tuple(fc.nat(all.length - 1), VALUE, fc.constantFrom("replace", "beside", "drop"));
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let text = JSON.stringify(sample);
    for (const [at, value, how] of changes) {
      const here: unknown = JSON.parse(JSON.stringify(sample));
      if (how === "replace" || changes.length === 1)
        text = JSON.stringify(marked(here, all[at] ?? [])).replaceAll(`"${MARK}"`, () => value);
      else if (how === "beside")
        text = text.replace(/\{/, () => `{"__proto__":${value},"constructor":${value},`);
      else text = text.replace(/"[^"]+":("[^"]*"|\d+|null),?/, "").replace(/,\}/g, "}");
    }
    return text;
  });
}

/** Header values that services and those between them may set. */
export const HEADERS: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    ...["retry-after", "date", "range", "location", "x-request-id", "content-type", "idempotent-response"],
    ...["x-http-status-code-override", "request-id", "x-guploader-uploadid"],
  ),
  fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.nat().map(String),
    fc.date().map(String),
    fc.constantFrom(
      ...[
        "bytes=0-99999999999999999999",
        "bytes=0-9",
        "bytes=5-1",
        "308",
        "true",
        "9".repeat(400),
        "-1",
        "1e3",
      ],
      ...["Attachments('%')", "Attachments('a')Attachments('%E0%A4%A')", "Fri, 31 Dec 9999 23:59:59 GMT"],
      ...["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 99999 99:99:99", "Attachments('__proto__')"],
    ),
  ),
  { maxKeys: 4 },
);

let total = 0;

/** Prints how many inputs were tried; and that none has changed what every object has. */
export function tried(count: number, what: string): void {
  total += count;
  if (Reflect.get({}, "polluted") !== undefined) throw new Error(`${what}: Object.prototype was changed`);
  console.log(`      ${count} ${what} (${total} so far)`);
}
