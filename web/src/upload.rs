//! Forms that carry files: read with limits on all of it, and each file kept under its hash.
//!
//! Once a file is kept, the form carries it as text ([`Upload::text`]): when the form comes back with a fault,
//! or is given back after a refusal, nobody has to choose the file again.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header;
use multer::{Constraints, Error, Field, Multipart, SizeLimit};

use crate::limits;
use crate::typed::Typed;

/// A document that a form carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The name that it was handed in under.
    pub name: String,
}

impl Upload {
    /// As a hidden field carries it.
    pub fn text(&self) -> String {
        format!("{}/{}/{}", self.sha256, self.bytes, self.name)
    }

    /// What a hidden field carries, if it is such a text. Whether the document is there, the office says.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let (sha256, bytes, name) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (sha256.len() == 64 && digits && !name.is_empty()).then_some(())?;
        Some(Self { sha256: sha256.to_owned(), bytes: bytes.parse().ok()?, name: plain_name(name) })
    }

    /// `議事録.pdf（12 KB）`.
    pub fn japanese(&self) -> String {
        format!("{}（{}）", self.name, size(self.bytes))
    }
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} バイト"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// A file's name without folders and signs that are none of a name's.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control() && !"\"<>|:*?".contains(*c)).collect();
    let plain = plain.trim().trim_start_matches('.');
    match plain.char_indices().nth(limits::FILE_NAME) {
        // The extension stays, so that what is downloaded still opens.
        Some((end, _)) => {
            let extension = plain.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension.len() <= 8 && !extension.is_empty() {
                true => format!("{}.{extension}", &plain[..end]),
                false => plain[..end].to_owned(),
            }
        }
        None if plain.is_empty() => "文書".to_owned(),
        None => plain.to_owned(),
    }
}

/// A file of a form, before it is kept.
#[derive(Debug)]
pub(crate) struct Raw {
    /// The field.
    pub(crate) field: String,
    /// The name that it was handed in under.
    pub(crate) name: String,
    /// Its bytes; none when there were more than may be.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Why a form with files cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// More of it than may be.
    TooLarge,
    /// More fields or files than may be.
    TooMany,
    /// It is no such form, or broke off.
    Broken,
}

/// Whether a request carries a form with files.
pub(crate) fn is_multipart(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(header::CONTENT_TYPE)?.to_str().ok()?).ok()
}

/// Reads `multipart/form-data`, as it arrives.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<(Typed, Vec<Raw>), Unread> {
    let boundary = boundary(headers).ok_or(Unread::Broken)?;
    let most = SizeLimit::new().whole_stream(limits::UPLOAD as u64);
    let constraints = Constraints::new().size_limit(most);
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let (mut typed, mut files) = (Typed::default(), Vec::new());
    let mut fields = 0;
    while let Some(field) = form.next_field().await.map_err(unread)? {
        fields += 1;
        let name: String = field.name().unwrap_or_default().chars().take(64).collect();
        let file = field.file_name().map(plain_name);
        let named = field.file_name().is_some_and(|name| !name.is_empty());
        if fields > limits::FIELDS || files.len() > limits::FILES {
            return Err(Unread::TooMany);
        }
        match file {
            None => {
                let text = take(field, limits::FIELD * 4 + 1).await?;
                typed.push(&name, text.0);
            }
            Some(file) => {
                let (bytes, whole) = take(field, limits::DOCUMENT).await?;
                // A file field that was left empty comes without a name.
                if named || !bytes.is_empty() {
                    files.push(Raw { field: name, name: file, bytes: whole.then_some(bytes) });
                }
            }
        }
    }
    Ok((typed, files))
}

/// The first `most` bytes of a field, and whether that was all. The rest is read and let go: a browser that is
/// cut off while it sends shows no answer at all.
async fn take(mut field: Field<'_>, most: usize) -> Result<(Vec<u8>, bool), Unread> {
    let (mut bytes, mut whole) = (Vec::new(), true);
    while let Some(chunk) = field.chunk().await.map_err(unread)? {
        let room = most - bytes.len();
        whole &= chunk.len() <= room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((bytes, whole))
}

fn unread(error: Error) -> Unread {
    match error {
        Error::StreamSizeExceeded { .. } | Error::FieldSizeExceeded { .. } => Unread::TooLarge,
        _ => Unread::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(parts: &[(&str, Vec<u8>)]) -> Result<(Typed, Vec<Raw>), Unread> {
        let mut body = Vec::new();
        for (head, content) in parts {
            body.extend_from_slice(
                format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        read(&headers, Body::from(body)).await
    }

    #[tokio::test]
    async fn texts_and_files_are_read() {
        let (typed, files) = sent(&[
            ("name=\"topic\"", "年次\r\n点検".into()),
            ("name=\"minutes\"; filename=\"第1回.pdf\"", b"%PDF".to_vec()),
            ("name=\"none\"; filename=\"\"", Vec::new()),
        ])
        .await
        .unwrap();
        assert_eq!(typed.get("topic"), "年次\n点検");
        let found: Vec<_> = files.iter().map(|f| (f.field.as_str(), f.name.as_str())).collect();
        assert_eq!(found, [("minutes", "第1回.pdf")]);
        assert_eq!(files[0].bytes.as_deref(), Some(&b"%PDF"[..]));
    }

    #[tokio::test]
    async fn too_much_is_told_at_the_field_or_not_read_at_all() {
        let large = vec![b'a'; limits::DOCUMENT + 1];
        let (_, files) = sent(&[("name=\"f\"; filename=\"a\"", large.clone())]).await.unwrap();
        assert_eq!(files[0].bytes, None);
        let part = ("name=\"f\"; filename=\"a\"", large);
        let three = [part.clone(), part.clone(), part];
        assert_eq!(sent(&three).await.unwrap_err(), Unread::TooLarge);
        let small = ("name=\"f\"; filename=\"a\"", b"a".to_vec());
        assert_eq!(sent(&vec![small; limits::FILES + 2]).await.unwrap_err(), Unread::TooMany);
        let field = ("name=\"f\"", b"a".to_vec());
        assert_eq!(sent(&vec![field; limits::FIELDS + 1]).await.unwrap_err(), Unread::TooMany);
        let (typed, _) = sent(&[("name=\"t\"", "あ".repeat(limits::FIELD + 1).into())]).await.unwrap();
        assert_eq!(typed.long(), ["t"]);
    }

    #[tokio::test]
    async fn what_breaks_off_is_told() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        for body in ["", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf", "junk"] {
            assert_eq!(read(&headers, Body::from(body)).await.unwrap_err(), Unread::Broken, "{body}");
        }
    }

    #[test]
    fn a_document_is_carried_as_text() {
        let upload =
            Upload { sha256: "ab".repeat(32), bytes: 12_000, name: "議事録 第1回.pdf".to_owned() };
        assert_eq!(Upload::parse(&upload.text()), Some(upload.clone()));
        assert_eq!(upload.japanese(), "議事録 第1回.pdf（12 KB）");
        for broken in ["", "x/1/a", &format!("{}/1/", "ab".repeat(32)), &format!("{}/a/b", "ab".repeat(32))] {
            assert_eq!(Upload::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn names_have_no_folders_and_no_signs() {
        assert_eq!(plain_name("C:\\Users\\a\\議事録.pdf"), "議事録.pdf");
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name(".profile"), "profile");
        assert_eq!(plain_name("a\r\nb\".pdf"), "ab.pdf");
        assert_eq!(plain_name(""), "文書");
        let long = plain_name(&format!("{}.pdf", "あ".repeat(300)));
        assert!(long.ends_with(".pdf") && long.chars().count() <= limits::FILE_NAME + 4, "{long}");
    }

    #[test]
    fn sizes_are_told_as_people_say_them() {
        assert_eq!(size(9), "9 バイト");
        assert_eq!(size(1_025), "2 KB");
        assert_eq!(size(20 * 1_048_576), "20.0 MB");
    }
}
