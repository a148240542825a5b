//! `sekisho card`: operators' cards in the readers of this computer.

use crate::cli::CardCommand;
use crate::failure::Failure;

/// Built without card readers, the program says how to get one that has them.
#[cfg(not(feature = "cards"))]
pub(crate) fn run(_command: CardCommand) -> Result<(), Failure> {
    Err(Failure::failed(
        "この実行ファイルはカードリーダーを扱えません",
        "`cargo build --release -p sekisho --features cards` で作ったものを使ってください",
    ))
}

#[cfg(feature = "cards")]
pub(crate) use real::run;

#[cfg(feature = "cards")]
mod real {
    use std::io::{BufRead as _, IsTerminal as _};
    use std::path::Path;

    use card::escrow::{Escrow, EscrowError};
    use card::piv::reader::{Content, Reader, ReaderCard, Readers};
    use card::piv::{Application, Certificates, Enrolment, ManagementKey, PivCard, PublicKeys};
    use card::{
        Accept, AuthorityError, Card as _, CardAuthority, CardId, CardNumber, IssueRequest, KeyStorage, Pin,
        ProvenCard, Slot, Unreachable,
    };
    use jiff::Timestamp;
    use jiff::civil::Date;
    use jiff::tz::Offset;
    use office::clock::{Clock as _, SystemClock};
    use pki::{Order, TwoPeople};

    use super::{CardCommand, Failure};
    use crate::cli::{CardReader, EnrolArgs};
    use crate::output::print;

    /// Japan, where the city is.
    const JAPAN: Offset = Offset::constant(9);

    pub(crate) fn run(command: CardCommand) -> Result<(), Failure> {
        match command {
            CardCommand::List => list(),
            CardCommand::Inspect { reader, authority } => inspect(&reader, authority.as_deref()),
            CardCommand::Escrow { folder } => make_escrow(&folder),
            CardCommand::Enrol(args) => enrol(&args),
            CardCommand::ChangePin { reader } => change_pin(&reader),
            CardCommand::Unblock { reader, number, escrow } => unblock(&reader, &number, &escrow),
            CardCommand::Wipe { reader, card } => wipe(&reader, &card),
        }
    }

    /// A whole sentence that says what to do already.
    fn said(sentence: String) -> Failure {
        Failure::Failed(vec![sentence])
    }

    fn unreachable(why: Unreachable) -> Failure {
        said(why.japanese())
    }

    fn list() -> Result<(), Failure> {
        let readers = Readers::connect().map_err(unreachable)?;
        let found = readers.list().map_err(unreachable)?;
        if found.is_empty() {
            return Err(said(card::piv::reader::FindError::NoReader.japanese()));
        }
        let lines: Vec<String> = found
            .iter()
            .map(|reader| format!("{}: {}\n", reader.name(), content(&readers, reader)))
            .collect();
        print(&lines.concat())
    }

    fn content(readers: &Readers, reader: &Reader) -> String {
        match reader.content() {
            Content::Nothing => "カードなし".to_owned(),
            Content::CardInUse => "カードあり（ほかのプログラムが使用中）".to_owned(),
            Content::Mute => "カードの向きが逆か、壊れています".to_owned(),
            Content::Card => match readers.open(reader).and_then(PivCard::open) {
                Ok(card) => format!("操作者用カード 識別子 {}", card.id()),
                Err(Unreachable::Blank) => "発行前のカード".to_owned(),
                Err(why) => why.japanese(),
            },
        }
    }

    /// The card that is meant, held by this program alone.
    fn application(reader: &CardReader) -> Result<Application<ReaderCard>, Failure> {
        let readers = Readers::connect().map_err(unreachable)?;
        let found = readers.with_card(reader.name.as_deref()).map_err(|error| said(error.japanese()))?;
        readers.open(&found).and_then(Application::select).map_err(unreachable)
    }

    fn inspect(reader: &CardReader, authority: Option<&Path>) -> Result<(), Failure> {
        let mut application = application(reader)?;
        let algorithm = application.management_algorithm().map_err(|error| said(error.japanese()))?;
        let tries = application.tries_left().map_err(unreachable)?;
        let pad = if application.has_pin_pad() { "あり" } else { "なし" };
        let mut text = String::new();
        match application.id().map_err(unreachable)? {
            Some(id) => text.push_str(&format!("識別子: {id}\n")),
            None => text.push_str("識別子: なし（発行前のカード）\n"),
        }
        if let Some(tries) = tries {
            text.push_str(&format!("暗証番号の残り回数: {tries}\n"));
        }
        text.push_str(&format!("管理鍵の方式: {}\nリーダーの数字キー: {pad}\n", algorithm.name()));
        for (slot, name) in [(Slot::SignIn, "9A（サインイン）"), (Slot::Presence, "9E（在席の証明）")]
        {
            let held = application.certificate(slot).map_err(unreachable)?;
            let state =
                held.map_or("証明書なし".to_owned(), |der| format!("証明書 {} バイト", der.len()));
            text.push_str(&format!("{name}: {state}\n"));
        }
        if let (Some(folder), Some(der)) =
            (authority, application.certificate(Slot::SignIn).map_err(unreachable)?)
        {
            text.push_str(&format!("{}\n", judged(folder, &der)?));
        }
        print(&text)
    }

    /// What the city's authority says of a certificate.
    fn judged(authority: &Path, certificate: &[u8]) -> Result<String, Failure> {
        let authority = open_authority(authority)?;
        let verifier = authority.verifier(Accept::HardwareOnly).map_err(|error| said(error.japanese()))?;
        Ok(match verifier.read(certificate, SystemClock.now()) {
            Ok(ProvenCard { number, kind, not_after, .. }) => {
                format!("カード {number}、種類 {kind}、有効期限 {}", JAPAN.to_datetime(not_after).date())
            }
            Err(error) => error.japanese(),
        })
    }

    fn open_authority(folder: &Path) -> Result<CardAuthority, Failure> {
        CardAuthority::load(folder).map_err(|error| said(error.japanese()))
    }

    fn open_escrow(folder: &Path) -> Result<Escrow, Failure> {
        Escrow::open(folder).map_err(|error| said(error.japanese()))
    }

    fn make_escrow(folder: &Path) -> Result<(), Failure> {
        let passphrase = twice("預託の合言葉（アクセス管理責任者が決めて保管します）")?;
        Escrow::create(folder, &passphrase).map_err(|error| said(error.japanese()))?;
        print(&format!(
            "預託の場所 {} を作りました。合言葉を封筒に入れて保管してください。なくすと、止まったカードの解除ができません。\n",
            folder.display()
        ))
    }

    fn enrol(args: &EnrolArgs) -> Result<(), Failure> {
        let authority = open_authority(&args.authority)?;
        let escrow = open_escrow(&args.escrow)?;
        let last_day = day(&args.until)?;
        let until =
            JAPAN.to_timestamp(last_day.at(23, 59, 59, 0)).map_err(|_| unreadable_day(&args.until))?;
        let by = TwoPeople::new(args.proposer.clone(), args.confirmer.clone());
        let by = by.map_err(|error| said(error.japanese()))?;
        let card = application(&args.reader)?;
        let pin = new_pin()?;
        let id = CardId::fresh().map_err(|error| said(error.to_string()))?;
        let management_key = ManagementKey::factory();
        let enrolment = Enrolment { id, last_day, pin, management_key };
        let certify = |keys: &PublicKeys| certify(&authority, args, until, &by, keys);
        let keep = |secrets: &card::piv::Secrets| escrow.keep(&args.number, id, secrets);
        let card =
            card::piv::enrol(card, &enrolment, certify, keep).map_err(|error| said(error.japanese()))?;
        print(&format!(
            "カード {} を発行しました。種類 {}、有効期限 {last_day}、識別子 {}。\nPUK と管理鍵は {} に預託しました。\n",
            args.number,
            args.kind,
            card.id(),
            args.escrow.display()
        ))
    }

    fn certify(
        authority: &CardAuthority,
        args: &EnrolArgs,
        until: Timestamp,
        by: &TwoPeople,
        keys: &PublicKeys,
    ) -> Result<Certificates, AuthorityError> {
        let from = SystemClock.now();
        let issue = |slot, public_key: &Vec<u8>| {
            authority.issue(&IssueRequest {
                number: args.number.clone(),
                kind: args.kind.clone(),
                slot,
                storage: KeyStorage::Hardware,
                order: Order {
                    public_key: public_key.clone(),
                    request: None,
                    from,
                    until,
                    at: from,
                    by: by.clone(),
                    renews: None,
                },
            })
        };
        Ok(Certificates {
            sign_in: issue(Slot::SignIn, &keys.sign_in)?,
            presence: issue(Slot::Presence, &keys.presence)?,
        })
    }

    fn day(text: &str) -> Result<Date, Failure> {
        text.parse().map_err(|_| unreadable_day(text))
    }

    fn unreadable_day(text: &str) -> Failure {
        Failure::usage(format!("有効期限「{text}」を読めません"), "`2028-03-31` のように書いてください")
    }

    fn change_pin(reader: &CardReader) -> Result<(), Failure> {
        let mut application = application(reader)?;
        let old = pin("いまの暗証番号")?;
        let new = new_pin()?;
        application.change_pin(&old, &new).map_err(|error| said(error.japanese()))?;
        print("暗証番号を変えました。\n")
    }

    fn unblock(reader: &CardReader, number: &CardNumber, escrow: &Path) -> Result<(), Failure> {
        let escrow = open_escrow(escrow)?;
        let mut application = application(reader)?;
        let id = application.id().map_err(unreachable)?.ok_or_else(|| unreachable(Unreachable::Blank))?;
        let passphrase = secret("預託の合言葉")?;
        let secrets =
            escrow.take(number, id, &passphrase).map_err(|error: EscrowError| said(error.japanese()))?;
        let new = new_pin()?;
        application.unblock(&secrets.puk, &new).map_err(|error| said(error.japanese()))?;
        print(&format!("カード {number} を解除し、新しい暗証番号にしました。\n"))
    }

    /// Wiping needs no secret of the card, so the person has to say which card is meant.
    fn wipe(reader: &CardReader, meant: &str) -> Result<(), Failure> {
        let mut application = application(reader)?;
        let there = application.id().map_err(unreachable)?.map_or("blank".to_owned(), |id| id.to_string());
        if there != meant {
            return Err(Failure::failed(
                format!(
                    "差してあるカードの識別子は {there} で、指定の {meant} ではありません。消去していません"
                ),
                "`sekisho card inspect` で確かめて、消去するカードの識別子を --card に指定してください",
            ));
        }
        application.wipe().map_err(|error| said(error.japanese()))?;
        print(
            "カードを消去しました。鍵、証明書、暗証番号は残っていません。証明書の失効を忘れないでください。\n",
        )
    }

    fn pin(prompt: &str) -> Result<Pin, Failure> {
        Pin::new(&secret(prompt)?).map_err(|fault| said(fault.japanese()))
    }

    fn new_pin() -> Result<Pin, Failure> {
        Pin::new(&twice("新しい暗証番号（6桁から8桁の数字）")?).map_err(|fault| said(fault.japanese()))
    }

    /// Asked for twice: what nobody sees is easily mistyped.
    fn twice(prompt: &str) -> Result<zeroize::Zeroizing<String>, Failure> {
        let (first, second) = (secret(prompt)?, secret("もう一度")?);
        if *first != *second {
            return Err(Failure::failed("二度の入力が違います", "もう一度、始めからやり直してください"));
        }
        Ok(first)
    }

    /// Typed at a terminal without being shown; otherwise one line of the input.
    fn secret(prompt: &str) -> Result<zeroize::Zeroizing<String>, Failure> {
        let typed = if std::io::stdin().is_terminal() {
            rpassword::prompt_password(format!("{prompt}: "))
        } else {
            let mut line = String::new();
            std::io::stdin()
                .lock()
                .read_line(&mut line)
                .map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
        };
        let unread =
            |error| Failure::failed(format!("{prompt}を読めません（{error}）"), "端末から入力してください");
        typed.map(zeroize::Zeroizing::new).map_err(unread)
    }
}
