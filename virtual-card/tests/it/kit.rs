//! A town with a card authority and an escrow, and cards of it.

use card::escrow::Escrow;
use card::piv::{
    Application, Certificates, EnrolError, Enrolment, ManagementKey, PivCard, PublicKeys, Transport, enrol,
};
use card::{
    Accept, AuthorityError, Card as _, CardAuthority, CardError, CardId, CardNumber, Challenge, IssueRequest,
    KeyStorage, Pin, Presence, ProvenCard, Slot, Unreachable, Verifier, fresh_nonce,
};
use jiff::Timestamp;
use pki::{Order, Reason, TwoPeople};
use tempfile::TempDir;
use virtual_card::Powered;

pub(crate) const PASSPHRASE: &str = "ひみつの合言葉は封筒の中にある";

/// A card without a reader.
pub(crate) struct Direct<'a>(pub(crate) Powered<'a>);

impl Transport for Direct<'_> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
        Ok(self.0.transmit(apdu))
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn noon() -> Timestamp {
    at("2026-06-01T12:00:00+09:00")
}

pub(crate) fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

pub(crate) fn number(text: &str) -> CardNumber {
    text.parse().unwrap()
}

pub(crate) struct Town {
    _folder: TempDir,
    authority: CardAuthority,
    pub(crate) escrow: Escrow,
}

impl Town {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = at("2026-04-01T00:00:00+09:00");
        let authority = CardAuthority::create(&folder.path().join("authority"), "試験市", from).unwrap();
        let escrow = Escrow::create(&folder.path().join("escrow"), PASSPHRASE).unwrap();
        Self { _folder: folder, authority, escrow }
    }

    /// Certificates for a card's keys, valid for a year. Those that the card had before are revoked.
    pub(crate) fn certify(&self, name: &str, keys: &PublicKeys) -> Result<Certificates, AuthorityError> {
        let from = at("2026-04-01T00:00:00+09:00");
        let authority = self.authority.authority();
        for record in authority.records()? {
            if record.issued.subject == name && record.stands(from) {
                let by = "synthetic-1".parse().unwrap();
                authority.revoke(&record.issued.serial, Reason::Superseded, from, &by)?;
            }
        }
        let issue = |slot, public_key: &Vec<u8>| {
            self.authority.issue(&IssueRequest {
                number: number(name),
                kind: "search".parse().unwrap(),
                slot,
                storage: KeyStorage::Hardware,
                order: Order {
                    public_key: public_key.clone(),
                    request: None,
                    from,
                    until: at("2027-03-31T23:59:59+09:00"),
                    at: from,
                    by: TwoPeople::synthetic(),
                    renews: None,
                },
            })
        };
        Ok(Certificates {
            sign_in: issue(Slot::SignIn, &keys.sign_in)?,
            presence: issue(Slot::Presence, &keys.presence)?,
        })
    }

    /// Makes an operator's card of a blank one; its PIN is 246810.
    pub(crate) fn try_enrol<T: Transport>(&self, card: T, name: &str) -> Result<PivCard<T>, EnrolError> {
        let id = CardId::fresh().unwrap();
        let enrolment = Enrolment {
            id,
            last_day: jiff::civil::date(2027, 3, 31),
            pin: pin("246810"),
            management_key: ManagementKey::factory(),
        };
        enrol(
            Application::select(card)?,
            &enrolment,
            |keys| self.certify(name, keys),
            |secrets| self.escrow.keep(&number(name), id, secrets),
        )
    }

    pub(crate) fn enrol<T: Transport>(&self, card: T, name: &str) -> PivCard<T> {
        self.try_enrol(card, name).unwrap()
    }

    /// What a sign-in with this card says, at `at`. The PIN is verified already.
    pub(crate) fn sign_in<T: Transport>(
        &self,
        card: &mut PivCard<T>,
        at: Timestamp,
    ) -> Result<ProvenCard, CardError> {
        let challenge = challenge();
        let signature = card.sign(&challenge).unwrap();
        self.verifier().verify(card.certificate(), &challenge, &signature, at)
    }

    /// What a proof of presence of this card says.
    pub(crate) fn presence<T: Transport>(&self, card: &mut PivCard<T>) -> Result<ProvenCard, CardError> {
        let presence = presence();
        let signature = card.prove_presence(&presence).unwrap();
        self.verifier().verify_presence(card.presence_certificate().unwrap(), &presence, &signature, noon())
    }

    /// Takes cards of this town whose keys cannot leave them.
    pub(crate) fn verifier(&self) -> Verifier {
        self.authority.verifier(Accept::HardwareOnly).unwrap()
    }
}

pub(crate) fn challenge() -> Challenge {
    Challenge {
        origin: "https://cs.example.jp".into(),
        terminal: "CS-03".into(),
        session: "s-1".into(),
        nonce: fresh_nonce().unwrap(),
        exporter: vec![9; 32],
    }
}

pub(crate) fn presence() -> Presence {
    Presence {
        origin: "https://cs.example.jp".into(),
        place: "CS-03".into(),
        session: "s-1".into(),
        nonce: fresh_nonce().unwrap(),
        exporter: vec![9; 32],
    }
}
