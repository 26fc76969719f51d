/** The large domains of each country where anybody can get a mailbox: people there have nothing in common. */
const FREE_MAIL = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com yahoo.com ymail.com rocketmail.com
   myyahoo.com aol.com aim.com verizon.net icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me
   tutanota.com tutanota.de tutamail.com tuta.io tuta.com keemail.me zoho.com zohomail.com zohomail.eu fastmail.com
   fastmail.fm hey.com mail.com email.com usa.com gmx.com gmx.net web.de freenet.de
   t-online.de arcor.de posteo.de posteo.net mailbox.org 1und1.de online.de vodafone.de orange.fr wanadoo.fr free.fr
   laposte.net sfr.fr neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it email.it tim.it terra.es
   telefonica.net bluewin.ch hispeed.ch sunrise.ch aon.at chello.at a1.net ziggo.nl kpnmail.nl planet.nl xs4all.nl
   home.nl telenet.be skynet.be proximus.be btinternet.com virginmedia.com ntlworld.com talktalk.net blueyonder.co.uk
   telia.com mail.dk jubii.dk online.no luukku.com suomi24.fi wp.pl o2.pl onet.pl interia.pl interia.eu op.pl
   poczta.fm gazeta.pl seznam.cz email.cz centrum.cz post.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg
   mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua meta.ua
   qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com hanmail.net
   daum.net kakao.com nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com rediffmail.com indiatimes.com
   bol.com.br uol.com.br terra.com.br ig.com.br bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz shaw.ca rogers.com
   sympatico.ca videotron.ca comcast.net att.net sbcglobal.net bellsouth.net charter.net cox.net earthlink.net juno.com
   netzero.net optonline.net hushmail.com mailfence.com runbox.com disroot.org riseup.net duck.com mozmail.com
   simplelogin.com anonaddy.com mailinator.com guerrillamail.com yopmail.com 10minutemail.com temp-mail.org
   privaterelay.appleid.com onmicrosoft.com vip.qq.com vip.163.com vip.126.com vip.sina.com gmx.info mail.de email.de
   mail.ee inbox.lv inbox.lt walla.co.il sapo.pt otenet.gr eircom.net mynet.com ocn.ne.jp biglobe.ne.jp skiff.com`.split(
    /\s+/,
  ),
);

/** The same providers' domains in single countries, as `yahoo.co.uk`. */
const COUNTRIES =
  /^(gmx|yahoo|ymail|hotmail|live|outlook|msn|aol|yandex|zoho|googlemail)\.(com?\.)?[a-z]{2}$/;

/** True for a domain where strangers have mailboxes. @param domain in lower case */
export function isFreeMail(domain: string): boolean {
  return FREE_MAIL.has(domain) || COUNTRIES.test(domain);
}
