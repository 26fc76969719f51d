import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  clientIdProblem,
  consentLink,
  directoryProblem,
  REDIRECTS,
  redirectsOf,
  registrationCommand,
  registrationSteps,
} from "../../../src/accounts/appRegistration.ts";
import { KNOWN_CODES, readRefusal } from "../../../src/accounts/microsoftRefusals.ts";
import { itNeeds } from "../../support/systems.ts";

const id = "5d2c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";

describe("What Microsoft says when nobody can sign in", () => {
  /** Messages as Microsoft writes them, what is made of each, and its first button. */
  for (const [message, sentence, button] of [
    [
      "AADSTS50011: The redirect URI 'https://vscode.dev/redirect' specified in the request does not match the redirect URIs configured for the application",
      "The app registration lacks a redirect address of VS Code (AADSTS50011).",
      "Copy https://vscode.dev/redirect",
    ],
    [
      "AADSTS50011: The reply URL 'http://localhost:50321/' specified in the request does not match",
      "The app registration lacks a redirect address of VS Code (AADSTS50011).",
      "Copy http://localhost",
    ],
    [
      "AADSTS500113: No reply address is registered for the application.",
      "The app registration lacks a redirect address of VS Code (AADSTS500113).",
      "Copy All Addresses",
    ],
    [
      "invalid_client: AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      "The app registration does not allow public client flows (AADSTS7000218).",
      "Copy Command",
    ],
    [
      "AADSTS65002: Consent between first party application 'aebc6443' and first party resource '00000003' must be configured via preauthorization",
      "Microsoft does not let this application send mail; use one of your own (AADSTS65002).",
      "Enter Another Client ID…",
    ],
    [
      "AADSTS65001: The user or administrator has not consented to use the application",
      "An administrator has to approve Freight Mail for your organization (AADSTS65001).",
      "Copy Administrator's Consent Link",
    ],
    [
      "AADSTS90094: An administrator of Contoso has set a policy that prevents you from granting",
      "An administrator has to approve Freight Mail for your organization (AADSTS90094).",
      "Copy Administrator's Consent Link",
    ],
    [
      "AADSTS50020: User account 'ada@x.example' from identity provider 'live.com' does not exist in tenant",
      "This account does not belong to the directory that you sign in to (AADSTS50020).",
      "Change Account Type…",
    ],
    [
      "AADSTS50194: Application 'x' is not configured as a multi-tenant application.",
      "The app registration is for one organization, which has to be named (AADSTS50194).",
      "Change Account Type…",
    ],
    [
      "AADSTS53000: Device is not in required device state: compliant.",
      "Your organization's Conditional Access rules do not allow this sign-in (AADSTS53000).",
      "Copy Details",
    ],
    [
      "AADSTS53003: Access has been blocked by Conditional Access policies.",
      "Your organization's Conditional Access rules do not allow this sign-in (AADSTS53003).",
      "Copy Details",
    ],
    [
      "AADSTS700016: Application with identifier 'x' was not found in the directory 'Contoso'.",
      "Microsoft does not know this client ID in this directory (AADSTS700016).",
      "Enter Another Client ID…",
    ],
    [
      "AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
      "The app registration has to be for mobile and desktop, not for the web (AADSTS9002325).",
      "Copy Registration Command",
    ],
    [
      "AADSTS7000215: Invalid client secret provided.",
      "The app registration has to be for mobile and desktop, not for the web (AADSTS7000215).",
      "Copy Registration Command",
    ],
    [
      "AADSTS65004: User declined to consent.",
      "You did not allow what Freight Mail asked for (AADSTS65004).",
      undefined,
    ],
    [
      "AADSTS50034: The user account does not exist in the x.example directory.",
      "This account does not belong to the directory that you sign in to (AADSTS50034).",
      "Change Account Type…",
    ],
    [
      "AADSTS900023: Specified tenant identifier 'contosso' is neither a valid DNS name, nor a valid external domain.",
      "Microsoft does not know this directory (AADSTS900023).",
      "Change Account Type…",
    ],
    [
      "AADSTS50059: No tenant-identifying information found in either the request or implied by any provided credentials.",
      "The app registration is for one organization, which has to be named (AADSTS50059).",
      "Change Account Type…",
    ],
    [
      "AADSTS7000112: Application 'x' is disabled.",
      "An administrator has disabled this app registration (AADSTS7000112).",
      "Copy Details",
    ],
    [
      "AADSTS650057: Invalid resource. The client has requested access to a resource which is not listed in the requested permissions",
      "The app registration is missing Microsoft Graph permissions (AADSTS650057).",
      "Copy Details",
    ],
    [
      "AADSTS530031: Access policy does not allow token issuance.",
      "Your organization's Conditional Access rules do not allow this sign-in (AADSTS530031).",
      "Copy Details",
    ],
    [
      "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication",
      "Microsoft wants you to sign in again (AADSTS50076).",
      undefined,
    ],
    ["aadsts16000: Interrupt.", "Microsoft refused the sign-in (AADSTS16000).", "Copy Details"],
  ] as const)
    it(`makes a sentence with a button of “${message.slice(0, 40)}…”`, () => {
      const refusal = readRefusal(message, id);
      assert.deepEqual([refusal?.sentence, refusal?.help[0]?.label], [sentence, button]);
    });

  it("reads a code to its last digit, and the first of several that it knows", () => {
    // 50011 is the beginning of 500113, and 700016 nearly that of 7000162.
    assert.match(
      readRefusal("AADSTS5001199", id)?.sentence ?? "",
      /^Microsoft refused the sign-in \(AADSTS5001199\)/,
    );
    assert.match(readRefusal("AADSTS1002012 … AADSTS65001", id)?.sentence ?? "", /AADSTS65001/);
    assert.equal(readRefusal("User did not consent to login.", id), undefined);
    assert.equal(readRefusal("AADSTS", id), undefined);
  });

  it("fits into the line of the wizard, whatever the code", () => {
    for (const code of KNOWN_CODES) {
      const { sentence = "" } = readRefusal(`AADSTS${code}`, id) ?? {};
      assert.ok(sentence.length > 0 && sentence.length <= 90, `${sentence.length}: ${sentence}`);
    }
  });
});

describe("The app registration", () => {
  itNeeds("Bash", "is made by one line, with every redirect address", () => {
    const folder = mkdtempSync(join(tmpdir(), "freight-az-"));
    try {
      // Stands in for the Azure CLI, and notes what it is asked.
      const program = `#!/bin/sh\nprintf '%s\\n' "$@" END >> "${join(folder, "asked")}"\n[ "$3" = create ] && echo ${id}\nexit 0\n`;
      writeFileSync(join(folder, "az"), program, { mode: 0o755 });
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
      const printed = execFileSync("bash", ["-c", registrationCommand(false)], { env, encoding: "utf8" });
      assert.equal(printed, `Client ID: ${id}\n`);
      const [create = [], update = []] = readFileSync(join(folder, "asked"), "utf8")
        .split("END\n")
        .map((call) => call.trimEnd().split("\n"));
      const behind = (call: readonly string[], name: string) => call[call.indexOf(name) + 1];
      assert.deepEqual(create.slice(0, 3), ["ad", "app", "create"]);
      assert.equal(behind(create, "--display-name"), "Freight Mail");
      assert.equal(behind(create, "--sign-in-audience"), "AzureADMyOrg");
      assert.equal(behind(create, "--is-fallback-public-client"), "true");
      for (const address of REDIRECTS) assert.ok(create.includes(address), address);
      const all = update.slice(update.indexOf("--public-client-redirect-uris") + 1);
      assert.deepEqual(all, redirectsOf(id));
      assert.equal(behind(update, "--id"), id);
      assert.ok(all.includes(`ms-appx-web://Microsoft.AAD.BrokerPlugin/${id}`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is also for personal accounts where one is meant", () => {
    assert.match(registrationCommand(true), /AzureADandPersonalMicrosoftAccount/);
    assert.match(registrationSteps(true, []), /personal Microsoft accounts/);
    const steps = registrationSteps(false, ["Mail.Send"]);
    for (const address of REDIRECTS) assert.ok(steps.includes(address), address);
    assert.match(steps, /Allow public client flows: Yes/);
    assert.match(steps, /Delegated permissions: Mail\.Send\./);
  });

  it("is approved at the link of its cloud and directory, with whole scopes and a registered address", () => {
    for (const [baseUrl, tenant, host, directory] of [
      ["https://graph.microsoft.com", "contoso.com", "login.microsoftonline.com", "contoso.com"],
      ["https://graph.microsoft.com", "", "login.microsoftonline.com", "organizations"],
      ["https://graph.microsoft.com", "common", "login.microsoftonline.com", "organizations"],
      ["https://graph.microsoft.us", "contoso.us", "login.microsoftonline.us", "contoso.us"],
      ["https://dod-graph.microsoft.us", "x.us", "login.microsoftonline.us", "x.us"],
      ["https://microsoftgraph.chinacloudapi.cn", "x.cn", "login.partner.microsoftonline.cn", "x.cn"],
    ] as const) {
      const link = new URL(consentLink(baseUrl, { clientId: id, tenant }, ["User.Read", "Mail.Send"]));
      assert.deepEqual([link.host, link.pathname], [host, `/${directory}/v2.0/adminconsent`]);
      assert.equal(link.searchParams.get("client_id"), id);
      assert.equal(link.searchParams.get("scope"), `${baseUrl}/User.Read ${baseUrl}/Mail.Send`);
      const back = link.searchParams.get("redirect_uri") ?? "";
      assert.ok(redirectsOf(id).includes(back), back);
      // Chat and mail programs end a link at a space, and some at a plus.
      assert.match(link.href, /scope=[^&+\s]+%20/);
    }
  });

  it("is known by a GUID that is not VS Code's own", () => {
    for (const good of [id, id.toUpperCase()]) assert.equal(clientIdProblem(good), undefined);
    for (const bad of ["", "freight-mail", id.slice(1), `${id}0`, `{${id}}`, `api://${id}`])
      assert.match(clientIdProblem(bad) ?? "", /^A client ID looks like/, bad);
    assert.match(clientIdProblem("AEBC6443-996d-45c2-90f0-388ff96faa56") ?? "", /ID of VS Code itself/);
  });

  it("is of a directory that is an ID, a domain, or not said", () => {
    for (const good of ["", id, "contoso.com", "contoso.onmicrosoft.com"])
      assert.equal(directoryProblem(good), undefined, good);
    for (const bad of ["contoso", "https://contoso.example", "ada@contoso.com", "a b.com", "contoso.com/x"])
      assert.match(directoryProblem(bad) ?? "", /^Enter a domain/, bad);
  });
});
