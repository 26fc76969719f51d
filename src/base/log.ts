/** The log port. `vscode.LogOutputChannel` fits it as it is. */
export interface Log {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The longest line, in characters. Stacks are shorter; longer foreign text is cut instead of searched. */
const MAX_LINE = 8_000;

/**
 * Makes a text fit for the log: replaces bearer tokens, API keys, upload URLs, sign-ins of proxies and the
 * local part of e-mail addresses. An upload URL is itself a credential, so everything after a URL's path is
 * removed, and at storage hosts the path as well, which may contain the session.
 */
export function redact(text: string): string {
  if (text.length > MAX_LINE) return `${redact(text.slice(0, MAX_LINE))}… (${text.length} characters)`;
  return text
    .replace(/\b(https?|socks\w*)(:\/\/)[^\s"'<>/]*@/gi, "$1$2***:***@")
    .replace(/\b(Bearer|Basic)\s+[^\s"',;]+/gi, "$1 ***")
    .replace(/\bnyk_[\w-]+/g, "nyk_***")
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "eyJ***")
    .replace(/\b(https?:\/\/(?:[\w-]+\.)*storage\.googleapis\.com)[^\s"<>]*/gi, "$1/***")
    .replace(/\b(https?:\/\/[^\s"<>?#]*)[?#][^\s"<>]*/gi, "$1?***")
    .replace(/\b(upload_id|authtoken|token|tkn|key|secret)=[^\s"'&]+/gi, "$1=***")
    .replace(/[\w.!#$%&'*+/=?^`{|}~-]+@([\w-]+(?:\.[\w-]+)+)/g, "***@$1");
}

/** A log whose every line is redacted at the source. */
export function redactingLog(sink: Log): Log {
  return {
    trace: (message) => sink.trace(redact(message)),
    info: (message) => sink.info(redact(message)),
    warn: (message) => sink.warn(redact(message)),
    error: (message) => sink.error(redact(message)),
  };
}

/** A reason for the log: its chain of causes, with stacks where it is a bug. */
export function explain(reason: unknown): string {
  const parts: string[] = [];
  for (let current: unknown = reason; current !== undefined && parts.length < 5; ) {
    if (!(current instanceof Error)) {
      parts.push(String(current));
      break;
    }
    const code = "code" in current ? ` [${String(current.code)}]` : "";
    const requestId =
      "requestId" in current && current.requestId ? ` (request ${String(current.requestId)})` : "";
    parts.push(
      current.name === "FreightError"
        ? `${current.message}${code}${requestId}`
        : `${current.stack ?? current.message}${code}`,
    );
    current = current.cause;
  }
  return parts.join("\n  caused by: ");
}

/** Warns about what may happen thousands of times: an occasional line says how often. */
export class RareWarning {
  readonly #warn: (message: string) => void;
  readonly #everyMs: number;
  readonly #now: () => number;
  #count = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds on a clock that does not jump */
  constructor(warn: (message: string) => void, everyMs = 10_000, now = () => performance.now()) {
    this.#warn = warn;
    this.#everyMs = everyMs;
    this.#now = now;
  }

  note(message: string): void {
    this.#count++;
    if (this.#now() - this.#saidAt >= this.#everyMs) this.say(message);
  }

  /** Logs what was noted since the last line. */
  say(message: string): void {
    if (this.#count === 0) return;
    this.#warn(this.#count === 1 ? message : `${message} (${this.#count} times)`);
    this.#count = 0;
    this.#saidAt = this.#now();
  }
}
