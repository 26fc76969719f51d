/**
 * The app registration for signing in to Microsoft: what an administrator has to enter. Pure.
 * https://learn.microsoft.com/entra/identity-platform/scenario-desktop-app-registration
 */
import { listOf, t } from "../shared/l10n.ts";

/** The directory of personal accounts, and the one that stands for all organizations. */
export const PERSONAL = "consumers";
export const ORGANIZATIONS = "organizations";

export interface App {
  readonly clientId: string;
  /** An ID, a domain, or one of Microsoft's words for several directories. */
  readonly tenant: string;
}

/** VS Code's own, which may not send mail (AADSTS65002). */
const VSCODE_CLIENT_ID = "aebc6443-996d-45c2-90f0-388ff96faa56";
const GUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i;
const DOMAIN = /^([a-z\d-]+\.)+[a-z\d-]+$/i;

/** Where VS Code's sign-in returns to: the web, this machine, and the brokers of Linux and macOS. */
export const REDIRECTS = [
  "https://vscode.dev/redirect",
  "http://localhost",
  "https://login.microsoftonline.com/common/oauth2/nativeclient",
  "msauth.com.msauth.unsignedapp://auth",
  "msauth.com.microsoft.VSCode://auth",
  "msauth.com.microsoft.VSCodeInsiders://auth",
] as const;
/** The broker of Windows; its address ends with the registration's ID. */
const WINDOWS_REDIRECT = "ms-appx-web://Microsoft.AAD.BrokerPlugin/";

/** A registered page that is empty, which suits a link that somebody else opens. */
const EMPTY_PAGE = REDIRECTS[2];

/**
 * Sign-in hosts of the national clouds.
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
const LOGIN_HOSTS: Readonly<Record<string, string>> = {
  "https://graph.microsoft.us": "https://login.microsoftonline.us",
  "https://dod-graph.microsoft.us": "https://login.microsoftonline.us",
  "https://microsoftgraph.chinacloudapi.cn": "https://login.partner.microsoftonline.cn",
};

/** All redirect addresses of a registration. @param clientId becomes part of one of them */
export function redirectsOf(clientId: string): string[] {
  return [...REDIRECTS, WINDOWS_REDIRECT + clientId];
}

/** Why a text is not the ID of a registration that could sign in; undefined when it may be one. */
export function clientIdProblem(text: string): string | undefined {
  if (text.toLowerCase() === VSCODE_CLIENT_ID)
    return t("This is the ID of VS Code itself, which Microsoft does not let send mail.");
  return GUID.test(text)
    ? undefined
    : t(
        "A client ID looks like 11111111-2222-3333-4444-555555555555. You find it in the registration's overview.",
      );
}

/** The same for a directory; empty means any organization. */
export function directoryProblem(text: string): string | undefined {
  return text === "" || GUID.test(text) || DOMAIN.test(text)
    ? undefined
    : t("Enter a domain, such as contoso.com, or the directory's ID.");
}

/** The command that creates a complete registration and prints its ID: for Bash, as in the Cloud Shell. */
export function registrationCommand(isPersonal: boolean): string {
  const audience = isPersonal ? "AzureADandPersonalMicrosoftAccount" : "AzureADMyOrg";
  return (
    `id=$(az ad app create --display-name "Freight Mail" --sign-in-audience ${audience} ` +
    `--is-fallback-public-client true --public-client-redirect-uris ${REDIRECTS.join(" ")} --query appId --output tsv) && ` +
    `${redirectsCommand("$id")} && echo "Client ID: $id"`
  );
}

/** The command that gives a registration all redirect addresses. */
export function redirectsCommand(clientId: string): string {
  return `az ad app update --id ${clientId} --public-client-redirect-uris ${redirectsOf(clientId).join(" ")}`;
}

export function publicClientCommand(clientId: string): string {
  return `az ad app update --id ${clientId} --is-fallback-public-client true`;
}

/** The steps that do the same by hand. @param permissions their short names */
export function registrationSteps(isPersonal: boolean, permissions: readonly string[]): string {
  const audience = isPersonal
    ? t("Accounts in any organizational directory and personal Microsoft accounts")
    : t("Accounts in this organizational directory only");
  return [
    t("An app registration for Freight Mail (https://entra.microsoft.com):"),
    t(
      "1. App registrations, New registration. Name: Freight Mail. Supported account types: {0}. Register.",
      audience,
    ),
    t("2. Authentication, Add a platform, Mobile and desktop applications. Add these redirect URIs:"),
    ...redirectsOf(t("<application ID>")).map((address) => `   ${address}`),
    t("3. Authentication, Advanced settings, Allow public client flows: Yes. Save. It needs no secret."),
    t(
      "4. API permissions, Add a permission, Microsoft Graph, Delegated permissions: {0}.",
      listOf(permissions),
    ),
    t("5. Overview: pass on the Application (client) ID and the Directory (tenant) ID. Neither is a secret."),
  ].join("\n");
}

/**
 * Where an administrator approves the registration for everybody.
 * https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 * @param baseUrl of the cloud @param permissions their short names
 */
export function consentLink(
  baseUrl: string,
  { clientId, tenant }: App,
  permissions: readonly string[],
): string {
  const host = LOGIN_HOSTS[baseUrl] ?? "https://login.microsoftonline.com";
  // An administrator belongs to one directory, never to all.
  const directory = tenant === "" || tenant === PERSONAL || tenant === "common" ? ORGANIZATIONS : tenant;
  const query = [
    ["client_id", clientId],
    ["scope", permissions.map((permission) => `${baseUrl}/${permission}`).join(" ")],
    ["redirect_uri", EMPTY_PAGE],
  ].map(([name, value = ""]) => `${name}=${encodeURIComponent(value)}`);
  return `${host}/${encodeURIComponent(directory)}/v2.0/adminconsent?${query.join("&")}`;
}

/** True for one directory, and not a word for several. */
export function isOneDirectory(tenant: string): boolean {
  return !["", "common", ORGANIZATIONS, PERSONAL].includes(tenant.toLowerCase());
}
