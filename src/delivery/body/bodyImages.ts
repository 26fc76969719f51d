/** The images that a mail's text refers to: which files they are, and why some cannot be sent. */

import { findInFolder } from "../../files/workspaceFile.ts";
import type { BodyNode } from "../../shared/contract/bodyTree.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

/** The types that mail programs show. Not SVG: Outlook and Gmail leave it blank. */
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
};

export interface NamedImages {
  /** Paths by name. */
  readonly found: ReadonlyMap<string, string>;
  /** A sentence for each image that cannot be sent. */
  readonly problems: readonly string[];
}

/** The names of all images in a tree, each once. */
export function imageNames(nodes: readonly BodyNode[]): string[] {
  const names = nodes.flatMap((node): string[] => {
    if (typeof node === "string") return [];
    return node.tag === "img" ? [imageName(node.src ?? "")] : imageNames(node.children);
  });
  return [...new Set(names)];
}

/** One name for `./out/chart%201.png` and `out/chart 1.png`. */
export function imageName(src: string): string {
  // The parser encodes backslashes, Windows' path separator.
  const path = decode(src.replace(/[?#].*$/s, "")).replaceAll("\\", "/");
  return path.replace(/^(?:\.\/)+/, "");
}

export function imageType(path: string): string | undefined {
  return IMAGE_TYPES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""];
}

/** Finds the files. An image that is attached already counts as found, even if its file is gone. */
export async function findImages(
  names: readonly string[],
  { attachments, imageFolders }: Pick<DeliveryRecord, "attachments" | "imageFolders">,
): Promise<NamedImages> {
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const name of names) {
    const carried = attachments.find(({ inline }) => inline?.name === name);
    const result = carried ?? (await findImage(name, imageFolders));
    if (typeof result === "string") problems.push(result);
    else found.set(name, result.path);
  }
  return { found, problems };
}

async function findImage(
  name: string,
  folders: DeliveryRecord["imageFolders"],
): Promise<{ readonly path: string } | string> {
  const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  if (name === "" || /^[a-z][a-z0-9+.-]*:/i.test(name))
    return t("The image “{0}” is not a file in the folder.", short);
  if (imageType(name) === undefined)
    return t(
      "The image “{0}” is not a type that mail programs show: use PNG, JPEG, GIF, WebP or BMP.",
      short,
    );
  if (folders === null)
    return t("The image “{0}” cannot be found: this mail was not started in an open folder.", short);
  const result = await findInFolder(name, folders);
  if (result.path === undefined)
    return result.why === "missing"
      ? t("The image “{0}” was not found.", short)
      : t("The image “{0}” is outside the open folder and will not be sent.", short);
  // A symbolic link may point to a file of another type.
  return imageType(result.path) === undefined
    ? t("The image “{0}” points to a file that is not an image.", short)
    : result;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A literal percent sign.
  }
}
