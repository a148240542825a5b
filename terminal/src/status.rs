//! What the clerk is shown while no page of the office is open: what the terminal is at, and what to do now.

/// Where the terminal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is no office to talk to, and why.
    NotLinked(String),
    /// A card may be put in.
    Ready {
        /// The terminal's clock and the office's disagree.
        clock_off: bool,
    },
    /// The card is read, or asked, or the office is.
    Checking,
    /// The PIN is asked for in a window of its own.
    Pin,
    /// The PIN is asked for on the reader.
    Pad,
    /// Somebody works.
    Open,
    /// It is over; the card is still there.
    Over(String),
    /// Something is wrong with reader or card.
    Care(String),
}

impl Status {
    /// A heading, and what to do.
    pub fn japanese(&self) -> (&'static str, String) {
        match self {
            Self::NotLinked(why) => (
                "サーバーとつながっていません",
                format!("{why} つながると、自動で続きます。続くときは、システム管理者に知らせてください。"),
            ),
            Self::Ready { clock_off: false } => ("カードを差してください", "ご自分の操作者用ICカードを、リーダーに差してください。".to_owned()),
            Self::Ready { clock_off: true } => (
                "カードを差してください",
                "ご自分の操作者用ICカードを、リーダーに差してください。この端末の時計がサーバーと5分以上ずれています。システム管理者に知らせてください。".to_owned(),
            ),
            Self::Checking => ("カードを確かめています", "カードを差したまま、お待ちください。".to_owned()),
            Self::Pin => ("暗証番号を入力してください", "別に開いた画面に、カードの暗証番号を入力してください。".to_owned()),
            Self::Pad => ("暗証番号を入力してください", "リーダーの数字キーで、カードの暗証番号を入力してください。".to_owned()),
            Self::Open => ("サインインしています", "席を離れるときは、カードを抜いてください。".to_owned()),
            Self::Over(why) => ("カードを抜いてください", why.clone()),
            Self::Care(why) => ("カードを使えません", why.clone()),
        }
    }

    /// The page, whole. It asks for itself again each second, without script, and loads nothing.
    pub fn page(&self, terminal: &str) -> String {
        let (heading, text) = self.japanese();
        let tone = match self {
            Self::NotLinked(_) | Self::Care(_) => "wrong",
            Self::Over(_) => "care",
            _ => "plain",
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"refresh\" content=\"1\">\n\
             <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>端末 {terminal}｜関所</title>\n<style>{STYLE}</style>\n</head>\n\
             <body class=\"{tone}\">\n<main role=\"status\">\n<p class=\"terminal\">端末 {terminal}</p>\n\
             <h1>{heading}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n",
            terminal = escape(terminal),
            text = escape(&text),
        )
    }
}

const STYLE: &str = "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f8f8fb;\
    color:#1a1a1c;font-family:'Noto Sans CJK JP','Noto Sans JP',sans-serif;line-height:1.7}\
    main{max-width:40rem;padding:3rem;margin:1rem;background:#fff;border:1px solid #767676;\
    border-top:.5rem solid #0017c1;border-radius:.5rem}.care main{border-top-color:#927200}\
    .wrong main{border-top-color:#ce0000}h1{font-size:2rem;margin:.5rem 0 1rem}p{font-size:1.125rem;margin:0}\
    .terminal{color:#595959}";

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_shown_and_nothing_in_it_is_markup() {
        let page = Status::NotLinked("<b>".to_owned()).page("T-1\"");
        assert!(page.contains("&lt;b&gt;") && page.contains("T-1&quot;") && !page.contains("<b>"));
        assert!(page.contains("class=\"wrong\""));
    }
}
