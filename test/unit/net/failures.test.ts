import assert from "node:assert/strict";
import { constants } from "node:os";
import { FreightError } from "../../../src/base/errors.ts";
import { proxyFailure, transportError } from "../../../src/net/connect/failures.ts";
import { isTransient } from "../../../src/net/retry.ts";
import { undici } from "../../support/wholeUndici.ts";

const broken = (code: string) => Object.assign(new Error("broken"), { code });

describe("A connection that failed", () => {
  for (const [code, opening, expected, acted, words] of [
    ["ECONNREFUSED", true, "network", false, /cannot be reached/],
    ["ENOTFOUND", true, "offline", false, /cannot be found/],
    ["UND_ERR_CONNECT_TIMEOUT", true, "network", false, /cannot be reached/],
    ["ETIMEDOUT", true, "timeout", false, /did not answer/],
    ["ECONNRESET", true, "network", false, /was closed immediately/],
    ["ECONNRESET", false, "network", true, /was lost/],
    ["UND_ERR_SOCKET", false, "network", true, /was lost/],
    ["UND_ERR_HEADERS_TIMEOUT", false, "timeout", true, /did not answer/],
    ["EPROTO", true, "certificate", false, /A secure connection to/],
    ["SELF_SIGNED_CERT_IN_CHAIN", true, "certificate", false, /NODE_EXTRA_CA_CERTS/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", true, "certificate", false, /http\.systemCertificates/],
    ["CERT_HAS_EXPIRED", true, "certificate", false, /has expired/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", true, "certificate", false, /another name/],
    // A key of 1,024 bits, say.
    ["UNSPECIFIED", true, "certificate", false, /too weak/],
    ["INVALID_PURPOSE", true, "certificate", false, /is not trusted/],
    ["INVALID_CA", true, "certificate", false, /is not trusted/],
    ["PATH_LENGTH_EXCEEDED", true, "certificate", false, /is not trusted/],
    ["HOSTNAME_MISMATCH", true, "certificate", false, /is not trusted/],
    ["ERROR_IN_CERT_NOT_AFTER_FIELD", true, "certificate", false, /is not trusted/],
    ["CRL_HAS_EXPIRED", true, "certificate", false, /is not trusted/],
  ] as const)
    it(`${opening ? "before it stood" : "later"} with ${code}: ${expected}`, () => {
      const error = transportError(broken(code), "mail.test", opening);
      assert.ok(error instanceof FreightError);
      assert.deepEqual([error.code, error.mayHaveActed], [expected, acted]);
      assert.match(error.message, /mail\.test/);
      assert.match(error.message, words);
    });

  for (const [code, expected, remedy] of [
    ["ECONNREFUSED", "network", "retry"],
    ["ENOTFOUND", "offline", "retry"],
    ["UND_ERR_CONNECT_TIMEOUT", "network", "retry"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", "retry"],
    ["UND_ERR_SOCKET", "network", "retry"],
    ["ECONNRESET", "network", "retry"],
    ["UND_ERR_INVALID_ARG", "proxy-unusable", "openProxySettings"],
    ["HPE_INVALID_CONSTANT", "proxy-unusable", "openProxySettings"],
    ["EPROTO", "certificate", "openProxySettings"],
    ["CERT_HAS_EXPIRED", "certificate", "openProxySettings"],
    ["UNSPECIFIED", "certificate", "openProxySettings"],
  ] as const)
    it(`on the way to a proxy with ${code}: ${expected}`, () => {
      const error = proxyFailure(broken(code), "proxy.test:3128 (setting http.proxy)");
      assert.ok(error instanceof FreightError);
      assert.deepEqual([error.code, error.remedy, error.mayHaveActed], [expected, remedy, false]);
      assert.match(error.message, /proxy\.test:3128 \(setting http\.proxy\)/);
    });

  /** What connections end with: each error of the system, of its resolver, of undici, of TLS and of streams. */
  const codes = [
    ...Object.keys(constants.errno),
    ...["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "ESERVFAIL"],
    ...Object.values(undici.errors).map((Failure) =>
      String(Reflect.construct(Failure, ["broken", 0, {}]).code),
    ),
    ...["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
    ...["ERR_TLS_CERT_ALTNAME_INVALID", "ERR_TLS_HANDSHAKE_TIMEOUT", "CERT_HAS_EXPIRED", "UNSPECIFIED"],
    ...["ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED", "ERR_SOCKET_CLOSED", "HPE_INVALID_CONSTANT"],
    ...["ERR_ASSERTION", "nothing known", ""],
  ].filter((code) => !["UND_ERR_INVALID_ARG", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"].includes(code));

  for (const code of new Set(codes)) {
    it(`is certain to have changed nothing while it was opened, with “${code}”`, () => {
      for (const error of [
        transportError(broken(code), "mail.test", true),
        proxyFailure(broken(code), "proxy.test"),
      ]) {
        assert.ok(error instanceof FreightError);
        assert.equal(error.mayHaveActed, false);
      }
    });

    it(`leaves a doubt once it stood, with “${code}”`, () => {
      const error = transportError(broken(code), "mail.test");
      assert.ok(error instanceof FreightError);
      assert.equal(error.mayHaveActed, true);
    });
  }

  it("is worth another try, whatever the system calls it", () => {
    // Windows' own names of the same never come out of Node.
    for (const code of Object.keys(constants.errno).filter((name) => !name.startsWith("WSA")))
      for (const opening of [true, false]) {
        const error = transportError(broken(code), "mail.test", opening);
        const isTls = code === "EPROTO" && opening;
        assert.equal(isTransient(error), !isTls, code);
      }
  });

  it("is a bug when it was none of the network's, and then leaves a doubt as well", () => {
    const bug = new TypeError("a bug");
    for (const opening of [true, false]) {
      const error = transportError(bug, "mail.test", opening);
      assert.ok(error instanceof FreightError);
      assert.deepEqual([error.code, error.cause, error.mayHaveActed], ["unexpected", bug, !opening]);
    }
  });

  it("is left as it is when it was said already, cancelled, or never sent", () => {
    for (const reason of [
      "text",
      new FreightError("file-changed", "It changed."),
      new DOMException("Cancelled", "AbortError"),
    ]) {
      assert.equal(transportError(reason, "mail.test"), reason);
      assert.equal(transportError(reason, "mail.test", true), reason);
      assert.equal(proxyFailure(reason, "proxy.test"), reason);
    }
    const misuse = broken("UND_ERR_INVALID_ARG");
    assert.equal(transportError(misuse, "mail.test"), misuse);
  });
});
