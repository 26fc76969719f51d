/** Files that a system keeps for itself beside those of a person: of no use elsewhere, and some name what else was there. */

const FILES = /^(\.ds_store|\._.*|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|\.localized)$/is;
const FOLDERS =
  /^(\.spotlight-v100|\.trashes|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|\$recycle\.bin|system volume information)$/i;

/** By its name alone, in any case. */
export function isSystemFile(name: string, isFolder: boolean): boolean {
  return (isFolder ? FOLDERS : FILES).test(name);
}

/** The macOS bundle that a path lies in, the outermost; undefined outside of one. A bundle needs its inner links. */
export function bundleOf(path: string): string | undefined {
  return /^(?:.*?[\\/])?([^\\/]+\.(?:app|framework|xcframework|bundle|plugin|kext|appex))[\\/]/i.exec(
    path,
  )?.[1];
}
