/**
 * Why Microsoft refused a sign-in, by the AADSTS code in its message: a sentence, and what helps. Pure.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { t } from "../shared/l10n.ts";
import {
  publicClientCommand,
  redirectsCommand,
  redirectsOf,
  registrationCommand,
} from "./appRegistration.ts";

/** What helps: a text to copy, or a page of the wizard. */
export type Help =
  | { readonly label: string; readonly detail: string; readonly copy: string | "consentLink" | "details" }
  | { readonly label: string; readonly detail: string; readonly page: "client" | "directory" };

export interface MicrosoftRefusal {
  readonly sentence: string;
  /** The best one first; empty when all that helps is another try. */
  readonly help: readonly Help[];
}

interface Facts {
  /** "AADSTS50011" */
  readonly code: string;
  readonly clientId: string;
  readonly message: string;
}

type Kind = (facts: Facts) => MicrosoftRefusal;

const says = (sentence: string, ...help: readonly Help[]): MicrosoftRefusal => ({ sentence, help });

const otherClient = (): Help => ({
  label: t("Enter Another Client ID…"),
  detail: t("The application (client) ID of your organization's app registration"),
  page: "client",
});
const otherDirectory = (): Help => ({
  label: t("Change Account Type…"),
  detail: t("Company or personal, and the directory to sign in to"),
  page: "directory",
});
const copyDetails = (): Help => ({
  label: t("Copy Details"),
  detail: t("Microsoft's message, for your administrator"),
  copy: "details",
});

/** Names the address if the message does. On this machine, Microsoft does not compare the port. */
const missingRedirect: Kind = ({ code, clientId, message }) => {
  const [, named] = /(?:redirect|reply) (?:URI|URL|address) '([^'\s]{1,200})'/i.exec(message) ?? [];
  const address = named?.replace(/^(http:\/\/localhost)[:/].*$/i, "$1");
  return {
    sentence: t("The app registration lacks a redirect address of VS Code ({0}).", code),
    help: [
      {
        label: address === undefined ? t("Copy All Addresses") : t("Copy {0}", address),
        detail: t("To add under Authentication, Mobile and desktop applications"),
        copy: address ?? redirectsOf(clientId).join("\n"),
      },
      {
        label: t("Copy Command"),
        detail: t("Sets all redirect addresses with the Azure CLI"),
        copy: redirectsCommand(clientId),
      },
    ],
  };
};

const publicClient: Kind = ({ code, clientId }) => ({
  sentence: t("The app registration does not allow public client flows ({0}).", code),
  help: [
    {
      label: t("Copy Command"),
      detail: t("Allows them with the Azure CLI; or by hand: Authentication, Allow public client flows, Yes"),
      copy: publicClientCommand(clientId),
    },
  ],
});

const noRegistration: Kind = ({ code }) =>
  says(
    t("Microsoft does not let this application send mail; use one of your own ({0}).", code),
    otherClient(),
  );

const needsConsent: Kind = ({ code }) => ({
  sentence: t("An administrator has to approve Freight Mail for your organization ({0}).", code),
  help: [
    {
      label: t("Copy Administrator's Consent Link"),
      detail: t("An administrator opens it once, for everybody"),
      copy: "consentLink",
    },
  ],
});

const declined: Kind = ({ code }) => says(t("You did not allow what Freight Mail asked for ({0}).", code));

const wrongDirectory: Kind = ({ code }) =>
  says(t("This account does not belong to the directory that you sign in to ({0}).", code), otherDirectory());

const unknownDirectory: Kind = ({ code }) =>
  says(t("Microsoft does not know this directory ({0}).", code), otherDirectory());

const disabledApp: Kind = ({ code }) =>
  says(t("An administrator has disabled this app registration ({0}).", code), copyDetails(), otherClient());

const lacksPermissions: Kind = ({ code }) =>
  says(
    t("The app registration is missing Microsoft Graph permissions ({0}).", code),
    copyDetails(),
    otherClient(),
  );

const signInEnded: Kind = ({ code }) => says(t("Microsoft wants you to sign in again ({0}).", code));

const oneDirectory: Kind = ({ code }) =>
  says(
    t("The app registration is for one organization, which has to be named ({0}).", code),
    otherDirectory(),
  );

const conditionalAccess: Kind = ({ code }) =>
  says(
    t("Your organization's Conditional Access rules do not allow this sign-in ({0}).", code),
    copyDetails(),
  );

const unknownClient: Kind = ({ code }) =>
  says(
    t("Microsoft does not know this client ID in this directory ({0}).", code),
    otherClient(),
    otherDirectory(),
  );

const notAssigned: Kind = ({ code }) =>
  says(t("An administrator has to assign you to the app registration ({0}).", code), copyDetails());

const webApp: Kind = ({ code }) => ({
  sentence: t("The app registration has to be for mobile and desktop, not for the web ({0}).", code),
  help: [
    {
      label: t("Copy Registration Command"),
      detail: t("Makes a new registration of the right kind, in Azure's Cloud Shell (Bash)"),
      copy: registrationCommand(false),
    },
    otherClient(),
  ],
});

const unknownReason: Kind = ({ code }) =>
  says(t("Microsoft refused the sign-in ({0}).", code), copyDetails());

/** Those that mean the same to a person share a sentence. */
const CODES: readonly (readonly [Kind, readonly number[]])[] = [
  [missingRedirect, [50011, 500113, 900971]],
  [publicClient, [7000218]],
  [noRegistration, [65002]],
  [needsConsent, [65001, 90093, 90094, 90095, 900941]],
  [declined, [65004]],
  [wrongDirectory, [50020, 90072, 50034, 500208, 50128]],
  [unknownDirectory, [90002, 900021, 900023]],
  [oneDirectory, [50059, 50194]],
  [disabledApp, [500014, 7000112]],
  [lacksPermissions, [650052, 650053, 650057, 65005, 500011]],
  [
    conditionalAccess,
    [
      53000, 53001, 53002, 53003, 53004, 530003, 50005, 50097, 50131, 50158, 53009, 53011, 530001, 530002,
      530031, 530032,
    ],
  ],
  [signInEnded, [50058, 50074, 50076, 50078, 50079, 50132, 50133, 50173, 70008, 70043, 700082]],
  [notAssigned, [50105]],
  [unknownClient, [700016]],
  [webApp, [9002325, 9002326, 9002327, 7000215]],
];

const KINDS: ReadonlyMap<number, Kind> = new Map(
  CODES.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const)),
);

/** The codes that have a sentence of their own. */
export const KNOWN_CODES: readonly number[] = [...KINDS.keys()];

/** What a message from Microsoft means, by the first known code in it; undefined when it has no code. */
export function readRefusal(message: string, clientId: string): MicrosoftRefusal | undefined {
  const codes = [...message.matchAll(/AADSTS(\d{4,9})(?!\d)/gi)].map(([, code]) => Number(code));
  const code = codes.find((one) => KINDS.has(one)) ?? codes[0];
  if (code === undefined) return undefined;
  const kind = KINDS.get(code) ?? unknownReason;
  return kind({ code: `AADSTS${code}`, clientId, message });
}
