/** Files that a system keeps among a person's: of no use elsewhere, and some reveal what else was there. */

const FILES =
  /^(\.ds_store|\._.*|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|\.localized|\.volumeicon\.icns|\.apdisk|\.com\.apple\.timemachine\..*)$/is;
const FOLDERS =
  /^(__macosx|\.spotlight-v100|\.trashes|\.trash-\d+|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|\.apple(double|db|desktop)|network trash folder|temporary items|\$recycle\.bin|system volume information)$/i;

/** By its ending, or by the form `Name.ending/Contents`, whatever the ending. */
const BUNDLE =
  /^(?:.*?[\\/])?([^\\/]+\.(?:(?:app|framework|xcframework|bundle|plugin|kext|appex|xpc)(?=[\\/])|[a-z]\w*(?=[\\/]Contents[\\/])))[\\/]/i;

/** By its name alone, in any case. */
export function isSystemFile(name: string, isFolder: boolean): boolean {
  return (isFolder ? FOLDERS : FILES).test(name);
}

/** The outermost macOS bundle that a path is in, if any. A bundle needs the links inside it. */
export function bundleOf(path: string): string | undefined {
  return BUNDLE.exec(path)?.[1];
}
