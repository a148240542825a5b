//! `sekisho pki`: the city's authorities at their own machine, off the network.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use card::{CardAuthority, IssueRequest, KeyStorage, Slot};
use jiff::tz::offset;
use jiff::{SignedDuration, Timestamp};
use office::clock::{Clock as _, SystemClock};
use pki::{
    Authority, AuthorityError, Certificate, KeyError, KeyStore, Kind, Order, PersonNumber, PinSource,
    Profile, Reason, Record, Request, RequestError, Role, Serial, TokenName, TwoPeople, files, make_key,
    to_pem,
};
use policy::{Ground, Refusal};
use regulation::wareki;
use zeroize::Zeroizing;

use crate::cli::pki::{AuthorityArgs, CertifyArgs, InitArgs, PeopleArgs, PkiCommand, RenewArgs, RequestArgs};
use crate::columns::table;
use crate::failure::Failure;
use crate::limits;
use crate::output::print;
use crate::posts::{handed_in, in_japan};

pub(crate) fn run(command: PkiCommand) -> Result<(), Failure> {
    let now = SystemClock.now();
    match command {
        PkiCommand::Init(args) => init(&args, now),
        PkiCommand::Request(args) => request(&args),
        PkiCommand::Card { number, kind, presence, args } => {
            let slot = if presence { Slot::Presence } else { Slot::SignIn };
            let typed = |error: pki::NameError| typed(&error);
            let (number, kind) = (number.parse().map_err(typed)?, kind.parse().map_err(typed)?);
            certify_card(number, kind, slot, &args, now)
        }
        PkiCommand::Terminal { number, args } => {
            let profile = Profile::terminal(&number.parse().map_err(|error| typed(&error))?);
            certify(&profile, &[], &args, now)
        }
        PkiCommand::Server { name, args } => {
            certify(&Profile::server(&name).map_err(|error| asked(&error))?, &name, &args, now)
        }
        PkiCommand::Renew(args) => renew(&args, now),
        PkiCommand::Revoke { args, serial, reason, by } => revoke(&args, &serial, &reason, &by, now),
        PkiCommand::Crl { args, days, out } => {
            Role::ALL.iter().try_for_each(|role| crl(*role, &args, days, &out, now))
        }
        PkiCommand::List { folder, json } => list(&folder, json, now),
        PkiCommand::Expiring { folder, within } => expiring(&folder, within, now),
    }
}

/// The PIN of a token: from a file that is its owner's alone, or typed unseen.
struct Pins<'a>(Option<&'a Path>);

impl PinSource for Pins<'_> {
    fn pin(&self, token: &str) -> Result<Zeroizing<String>, KeyError> {
        let unreadable = |error: &dyn std::fmt::Display| KeyError::Pin(error.to_string());
        let Some(path) = self.0 else {
            return typed_pin(token).map_err(|error| unreadable(&error));
        };
        let bytes = Zeroizing::new(files::read_private(path, limits::PIN_FILE)?);
        let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(&error))?;
        Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

fn typed_pin(token: &str) -> io::Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("トークン「{token}」の PIN: ")).map(Zeroizing::new);
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Two people, or the regulation's word against one.
fn two(people: &PeopleArgs) -> Result<TwoPeople, Failure> {
    let number = |typed: &str| typed.parse::<PersonNumber>().map_err(|error| self::typed(&error));
    TwoPeople::new(number(&people.proposer)?, number(&people.confirmer)?).map_err(|error| {
        Failure::Refused(Refusal {
            grounds: vec![Ground {
                policy: "16(2).two-people".to_owned(),
                citation: "16(2)".parse().ok(),
                reason: error.japanese().trim_end_matches('。').to_owned(),
                remedy: "--proposer と --confirmer に別の職員の番号を指定する".to_owned(),
            }],
        })
    })
}

fn typed(error: &pki::NameError) -> Failure {
    Failure::Usage(vec![error.japanese()])
}

fn failed(error: &AuthorityError) -> Failure {
    Failure::Failed(vec![error.japanese()])
}

fn asked(error: &RequestError) -> Failure {
    match error {
        RequestError::ServerName(_) | RequestError::NoServerName => Failure::Usage(vec![error.japanese()]),
        _ => Failure::Failed(vec![error.japanese()]),
    }
}

/// A file that was there before stays as it is.
fn write(out: &Path, pem: &str) -> Result<(), Failure> {
    files::write_new_public(out, pem.as_bytes()).map_err(|error| Failure::Failed(vec![error.japanese()]))
}

/// That nothing stands where something is to be written: told before anything is signed.
fn expect_free(out: &Path) -> Result<(), Failure> {
    if out.exists() {
        let what = format!("{} は既にあります", out.display());
        return Err(Failure::failed(what, "別の名を --out に指定してください。上書きはしません"));
    }
    Ok(())
}

fn init(args: &InitArgs, now: Timestamp) -> Result<(), Failure> {
    let store = match (&args.pkcs11_module, &args.token) {
        (Some(module), Some(token)) => {
            KeyStore::Token(TokenName { module: module.clone(), token: token.clone() })
        }
        _ => KeyStore::File,
    };
    let pins = Pins(args.pin_file.as_deref());
    let mut text = String::new();
    for role in Role::ALL {
        let made = Authority::create(&args.folder, role, &args.city, now, &store, &pins);
        let made = made.map_err(|error| failed(&error))?;
        let (_, until) = made.anchor().validity();
        text.push_str(&format!(
            "{}を作りました（{}まで）。\n    証明書: {}\n    鍵の指紋: {}\n",
            role.japanese(),
            day(until),
            args.folder.join(format!("{}.crt", role.stem())).display(),
            made.anchor().key_digest()
        ));
    }
    text.push_str("指紋を二人で書き留め、証明書（.crt）だけをサーバーと端末へ運んでください。\n");
    print(&text)
}

/// Key and request, made where the key is to stay.
fn request(args: &RequestArgs) -> Result<(), Failure> {
    let (name, servers) = match &args.terminal {
        Some(number) => {
            let number: pki::TerminalNumber = number.parse().map_err(|error| typed(&error))?;
            (number.to_string(), Vec::new())
        }
        None => {
            pki::server_names(&args.server).map_err(|error| asked(&error))?;
            (args.server.first().cloned().unwrap_or_default(), args.server.clone())
        }
    };
    let key = make_key(&args.key).map_err(|error| asked(&error))?;
    let made = Request::make(&name, &servers, &key).map_err(|error| asked(&error))?;
    write(&args.out, &made)?;
    print(&format!(
        "「{name}」の鍵と証明書の要求を作りました。\n    鍵: {}（この機械から出さないでください）\n    要求: {}（認証局へ運んでください）\n",
        args.key.display(),
        args.out.display()
    ))
}

fn authority(role: Role, args: &AuthorityArgs) -> Result<Authority, Failure> {
    let pins = Pins(args.pin_file.as_deref());
    Authority::load(&args.folder, role, &pins).map_err(|error| failed(&error))
}

/// The key that is to be certified, and the digest of the request; checked against what is to be issued.
fn wanted(path: &Path, expected: &str, servers: &[String]) -> Result<(Vec<u8>, Option<String>), Failure> {
    let bytes =
        handed_in(path, pki::limits::MAX_REQUEST, "要求（PKCS#10）か公開鍵（PEM）を指定してください")?;
    if let Some(public_key) = pki::der_of(&bytes, "PUBLIC KEY") {
        return Ok((public_key, None));
    }
    let request = Request::read(&bytes).map_err(|error| asked(&error))?;
    request.expect(expected, servers).map_err(|error| asked(&error))?;
    Ok((request.public_key().to_vec(), Some(request.digest().to_owned())))
}

fn order(
    (public_key, request): (Vec<u8>, Option<String>),
    days: i64,
    now: Timestamp,
    by: TwoPeople,
) -> Result<Order, Failure> {
    let until = now.checked_add(SignedDuration::from_hours(24 * days)).map_err(|_| {
        Failure::usage(format!("{days}日は長すぎます"), "--days に有効期間の日数を指定してください")
    })?;
    Ok(Order { public_key, request, from: now, until, at: now, by, renews: None })
}

fn certify(profile: &Profile, servers: &[String], args: &CertifyArgs, now: Timestamp) -> Result<(), Failure> {
    let by = two(&args.people)?;
    expect_free(&args.out)?;
    let wanted = wanted(&args.request, &profile.subject, servers)?;
    if wanted.1.is_none() {
        return Err(asked(&RequestError::Malformed("a bare public key")));
    }
    let order = order(wanted, args.days, now, by)?;
    let der = authority(Role::Terminals, &args.authority)?.issue(profile, &order);
    handed_out(&der.map_err(|error| failed(&error))?, profile.kind, &profile.subject, &args.out)
}

fn certify_card(
    number: card::CardNumber,
    kind: card::CardKind,
    slot: Slot,
    args: &CertifyArgs,
    now: Timestamp,
) -> Result<(), Failure> {
    let by = two(&args.people)?;
    expect_free(&args.out)?;
    let order = order(wanted(&args.request, number.as_str(), &[])?, args.days, now, by)?;
    let authority = card_authority(&args.authority)?;
    let subject = number.to_string();
    let request = IssueRequest { number, kind, slot, storage: KeyStorage::Hardware, order };
    let der = authority.issue(&request).map_err(|error| failed(&error))?;
    handed_out(&der, Kind::Card, &subject, &args.out)
}

fn card_authority(args: &AuthorityArgs) -> Result<CardAuthority, Failure> {
    CardAuthority::new(authority(Role::Cards, args)?).map_err(|error| failed(&error))
}

fn handed_out(der: &[u8], kind: Kind, subject: &str, out: &Path) -> Result<(), Failure> {
    write(out, &to_pem("CERTIFICATE", der))?;
    let unread = |error: pki::CertificateError| Failure::Failed(vec![error.japanese()]);
    let certificate = Certificate::parse(der).map_err(unread)?;
    let (_, until) = certificate.validity().map_err(unread)?;
    print(&format!(
        "{}「{subject}」の証明書を発行しました。\n    番号: {}\n    有効期限: {}\n    SHA-256: {}\n    ファイル: {}\n",
        kind.japanese(),
        certificate.serial().map_err(unread)?,
        day(until),
        certificate.fingerprint(),
        out.display()
    ))
}

/// Which authority issued it, and what it knows of it. No key is needed for that.
fn found(folder: &Path, typed_serial: &str) -> Result<(Role, Record), Failure> {
    let serial = Serial::typed(typed_serial).map_err(|error| typed(&error))?;
    for role in Role::ALL {
        let records = Authority::records_in(folder, role).map_err(|error| failed(&error))?;
        if let Some(record) = records.into_iter().find(|record| record.issued.serial == serial) {
            return Ok((role, record));
        }
    }
    Err(failed(&AuthorityError::Unknown(serial)))
}

fn renew(args: &RenewArgs, now: Timestamp) -> Result<(), Failure> {
    let by = two(&args.people)?;
    expect_free(&args.out)?;
    let (role, record) = found(&args.authority.folder, &args.serial)?;
    let issued = &record.issued;
    let authority = authority(role, &args.authority)?;
    let (_, old) = authority.issued(&issued.serial).map_err(|error| failed(&error))?;
    let unread = |error: pki::CertificateError| Failure::Failed(vec![error.japanese()]);
    let old = Certificate::parse(&old).map_err(unread)?;
    let servers = old.server_names();
    let key = match &args.request {
        Some(path) => wanted(path, &issued.subject, &servers)?,
        None => (old.public_key().to_vec(), None),
    };
    let order = Order { renews: Some(issued.serial.clone()), ..order(key, args.days, now, by)? };
    let der = match issued.kind {
        Kind::Card | Kind::CardPresence => CardAuthority::new(authority).and_then(|cards| cards.renew(order)),
        Kind::Terminal => {
            let number = issued.subject.parse().map_err(|error| typed(&error))?;
            authority.issue(&Profile::terminal(&number), &order)
        }
        Kind::Server => authority.issue(&Profile::server(&servers).map_err(|error| asked(&error))?, &order),
    };
    handed_out(&der.map_err(|error| failed(&error))?, issued.kind, &issued.subject, &args.out)
}

fn revoke(args: &AuthorityArgs, serial: &str, reason: &str, by: &str, now: Timestamp) -> Result<(), Failure> {
    let by: PersonNumber = by.parse().map_err(|error| typed(&error))?;
    let reason = Reason::ALL.into_iter().find(|each| each.as_str() == reason).ok_or_else(|| {
        let all: Vec<String> =
            Reason::ALL.iter().map(|each| format!("{}（{}）", each.as_str(), each.japanese())).collect();
        Failure::usage(
            format!("「{reason}」という理由はありません"),
            &format!("{} から選んでください", all.join("、")),
        )
    })?;
    let (role, record) = found(&args.folder, serial)?;
    let issued = &record.issued;
    authority(role, args)?.revoke(&issued.serial, reason, now, &by).map_err(|error| failed(&error))?;
    print(&format!(
        "{}「{}」の証明書 {} を失効させました（{}）。\n\
         `sekisho pki crl` で失効リストを作り、サーバーへ運んでください。画面でも、すぐに使用を止めてください。\n",
        issued.kind.japanese(),
        issued.subject,
        issued.serial,
        reason.japanese()
    ))
}

fn crl(role: Role, args: &AuthorityArgs, days: i64, out: &Path, now: Timestamp) -> Result<(), Failure> {
    let next = now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    let list = authority(role, args)?.revocation_list(now, next).map_err(|error| failed(&error))?;
    let file = out.join(format!("{}-{}.crl", role.stem(), list.number));
    write(&file, &to_pem("X509 CRL", &list.der))?;
    print(&format!(
        "{}の失効リスト第{}号（{}件）を作りました。次は{}までに作ってください。\n    {}\n",
        role.japanese(),
        list.number,
        list.revoked,
        day(next),
        file.display()
    ))
}

fn day(at: Timestamp) -> String {
    wareki::print(offset(9).to_datetime(at).date())
}

fn everything(folder: &Path) -> Result<Vec<(Role, Record)>, Failure> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let records = Authority::records_in(folder, role).map_err(|error| failed(&error))?;
        all.extend(records.into_iter().map(|record| (role, record)));
    }
    Ok(all)
}

fn standing(record: &Record, now: Timestamp) -> String {
    match &record.revoked {
        Some(revoked) => format!("失効（{}、{}）", revoked.reason.japanese(), day(revoked.at)),
        None if now > record.issued.until => "期限切れ".to_owned(),
        None => "有効".to_owned(),
    }
}

fn list(folder: &Path, json: bool, now: Timestamp) -> Result<(), Failure> {
    let all = everything(folder)?;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(role, record)| {
                serde_json::json!({ "authority": role.stem(), "issued": record.issued, "revoked": record.revoked })
            })
            .collect();
        return print(&format!("{:#}\n", serde_json::Value::from(rows)));
    }
    let rows: Vec<[String; 7]> = all
        .iter()
        .map(|(_, record)| {
            let issued = &record.issued;
            [
                issued.kind.japanese().to_owned(),
                issued.subject.clone(),
                day(issued.until),
                standing(record, now),
                in_japan(issued.at),
                format!("{}、{}", issued.proposer, issued.confirmer),
                issued.serial.to_string(),
            ]
        })
        .collect();
    print(&table(["種類", "番号", "有効期限", "状態", "発行", "発行した二人", "証明書の番号"], &rows))
}

/// What runs out soon; the authorities themselves among it. Ends with 1 while there is anything, for a daily job.
fn expiring(folder: &Path, within: i64, now: Timestamp) -> Result<(), Failure> {
    let limit = now.checked_add(SignedDuration::from_hours(24 * within)).unwrap_or(Timestamp::MAX);
    let mut due: Vec<(Timestamp, String, String)> = Vec::new();
    for role in Role::ALL {
        let anchor = Authority::anchor_in(folder, role).map_err(|error| failed(&error))?;
        due.push((anchor.validity().1, role.japanese().to_owned(), String::new()));
    }
    let all = everything(folder)?;
    let renewed = |serial: &Serial| all.iter().any(|(_, each)| each.issued.renews.as_ref() == Some(serial));
    for (_, record) in all.iter().filter(|(_, record)| record.revoked.is_none()) {
        let issued = &record.issued;
        // What is over and what has its successor is nobody's work any more.
        if record.stands(now) && !renewed(&issued.serial) {
            let what = format!("{} {}", issued.kind.japanese(), issued.subject);
            due.push((issued.until, what, issued.serial.to_string()));
        }
    }
    due.retain(|(until, ..)| *until <= limit);
    due.sort();
    if due.is_empty() {
        return print(&format!("{within}日以内に期限の切れる証明書はありません。\n"));
    }
    let rows: Vec<[String; 3]> =
        due.into_iter().map(|(until, what, serial)| [day(until), what, serial]).collect();
    print(&table(["有効期限", "証明書", "証明書の番号"], &rows))?;
    Err(Failure::Found)
}
