/** Files that Outlook does not let recipients open. https://learn.microsoft.com/powershell/module/exchange/set-owamailboxpolicy (BlockedFileTypes) */
const BLOCKED: ReadonlySet<string> = new Set(
  `ade adp app appcontent-ms application appref-ms asp aspx asx bas bat bgi cab cdxml cer chm cmd cnt com cpl crt csh der
  diagcab exe fxp gadget grp hlp hpj hta htc inf ins iso isp its jar jnlp js jse ksh library-ms lnk mad maf mag mam maq
  mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msh1 msh1xml msh2 msh2xml mshxml msi msp mst msu ops osd
  pcd pif pl plg prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pssc pst py pyc pyo pyw pyz pyzw reg
  scf scr sct search-ms settingcontent-ms shb shs theme theme-ms tmp udl url vb vbe vbp vbs vhd vhdx vsmacros vsw webpnp
  website ws wsb wsc wsf wsh xbap xll xnk`.split(/\s+/),
);

/** True when Outlook blocks a file of this name for recipients, unless their administrator allows it. */
export function isBlockedType(name: string): boolean {
  // Windows drops dots and spaces at the end of a name.
  const ending = /\.([^. ]+)[. ]*$/.exec(name)?.[1];
  return ending !== undefined && BLOCKED.has(ending.toLowerCase());
}
