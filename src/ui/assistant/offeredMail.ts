/** The mail that a language model wants filled in: checked as a whole, and worded for the person asked. */
import { imageNames, imageType } from "../../delivery/body/bodyImages.ts";
import { parse } from "../../delivery/body/bodyText.ts";
import { imageKind } from "../../files/kind/imageBytes.ts";
import { findInFolder } from "../../files/workspaceFile.ts";
import { countHidden, withoutHidden } from "../../shared/foreignText.ts";
import { listOf, plural, sentences, t } from "../../shared/l10n.ts";
import { readEntries } from "../../shared/recipients.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import {
  listFiles,
  type OfferedFile,
  type OfferedFilesOptions,
  offeredFiles,
  quoted,
} from "./offeredFiles.ts";
import type { ComposeInput } from "./toolInputs.ts";

export interface OfferedMail {
  readonly files: readonly OfferedFile[];
  /** Sentences that list everything the mail would contain, and its recipients. */
  readonly words: string;
}

/** @throws Error in words for the model: what it must not put into a mail that a person has to approve */
export async function offeredMail(input: ComposeInput, options: OfferedFilesOptions): Promise<OfferedMail> {
  const { subject, body, format } = input;
  const recipients = [input.to, input.cc, input.bcc].flatMap(readPeople).map(shownRecipient);
  if (countHidden(subject ?? "") > 0) throw new Error("The subject contains invisible characters.");
  const files = await offeredFiles(input.files, options);
  const images = format === "markdown" && body !== undefined ? await offeredImages(body, options) : [];
  const words = sentences(
    recipients.length === 0 ? t("No recipients yet.") : t("To {0}.", listOf(recipients)),
    subject === undefined ? "" : t("Subject: {0}.", quoted(subject)),
    body === undefined ? "" : textWords(body),
    files.length === 0 ? "" : t("Files: {0}.", listFiles(files)),
    images.length === 0 ? "" : t("Images in the text: {0}.", listFiles(images)),
    files.length + images.length === 0
      ? ""
      : t("Files go to your mail service once you have looked at the mail."),
  );
  return { files, words };
}

/** Valid recipients. The model chooses the names, so one that could hide something is refused. */
function readPeople(list: string) {
  // What a person pastes is silently cleaned of these; a model has no reason to write any.
  if (countHidden(list) > 0) throw new Error("The recipients contain invisible characters.");
  return readEntries(list).map(({ recipient, problem, text }) => {
    if (recipient === null) throw new Error(problem);
    const name = text.replace(/<[^<>]*>\s*$/, "");
    if (/[<>]/.test(name) && /\p{L}/u.test(name))
      throw new Error(
        `The name of ${recipient.email} contains characters that a name cannot have. Leave the name out.`,
      );
    return recipient;
  });
}

/** The images that the text would attach: files like any other. */
async function offeredImages(body: string, options: OfferedFilesOptions): Promise<readonly OfferedFile[]> {
  const paths = new Set<string>();
  for (const name of imageNames(await parse(body))) {
    // It would be filled in later, with a name that nobody was asked about.
    if (name.includes("${")) throw new Error("The name of an image contains a variable. Write it out.");
    for (const root of imageType(name) === undefined ? [] : options.folders()) {
      const { path } = await findInFolder(name, { root, folder: root });
      if (path !== undefined) paths.add(path);
    }
  }
  for (const path of paths)
    if ((await imageKind(path)) === undefined)
      throw new Error(`“${withoutHidden(path)}” is not an image, despite its name. No tool may send it.`);
  return offeredFiles([...paths], options);
}

function textWords(body: string): string {
  const hidden = countHidden(body);
  return hidden === 0
    ? plural(body.length, "A text of {0} character.", "A text of {0} characters.")
    : t("A text of {0} characters, {1} of them invisible.", body.length, hidden);
}
