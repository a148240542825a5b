//! Tag, length, value: how certificates (DER) and smart cards (ISO/IEC 7816-4 BER-TLV) write their structures.

/// One value: `tag` in as few bytes as it has, the shortest length, the content.
pub fn value(tag: u32, content: &[u8]) -> Vec<u8> {
    let mut value = shortest(&tag.to_be_bytes()).to_vec();
    let length = content.len().to_be_bytes();
    match shortest(&length) {
        [] => value.push(0),
        [short] if *short < 0x80 => value.push(*short),
        digits => {
            value.push(0x80 | u8::try_from(digits.len()).expect("a length has eight bytes at most"));
            value.extend_from_slice(digits);
        }
    }
    value.extend_from_slice(content);
    value
}

fn shortest(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|&&digit| digit == 0).count()..]
}

/// The content of the first value with `tag` among the values in `bytes`. Nothing where the bytes are no values.
pub fn find(tag: u32, bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (found, content, tail) = split(rest)?;
        if found == tag {
            return Some(content);
        }
        rest = tail;
    }
    None
}

/// The first value of `bytes`: its tag, its content, and what follows it.
fn split(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut tag = u32::from(first);
    if first & 0x1f == 0x1f {
        loop {
            let (&next, tail) = rest.split_first()?;
            tag = tag.checked_mul(0x100)? | u32::from(next);
            rest = tail;
            if next & 0x80 == 0 {
                break;
            }
        }
    }
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (digits, tail) = rest.split_at_checked(length & 0x7f)?;
        // The indefinite length (0x80) is not for cards, and none sends more than 64 KiB.
        if digits.is_empty() || digits.len() > 3 {
            return None;
        }
        length = digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
        rest = tail;
    }
    let (content, tail) = rest.split_at_checked(length)?;
    Some((tag, content, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        let head = |length: usize, bytes: usize| value(4, &vec![0; length])[..bytes].to_vec();
        assert_eq!(head(0, 2), [4, 0]);
        assert_eq!(head(0x7f, 2), [4, 0x7f]);
        assert_eq!(head(0x80, 3), [4, 0x81, 0x80]);
        assert_eq!(head(0x1ff, 4), [4, 0x82, 0x01, 0xff]);
    }

    mod reading {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn what_was_written_is_found(
                before in prop::collection::vec(any::<u8>(), 0..300),
                content in prop::collection::vec(any::<u8>(), 0..70_000),
                tag in prop::sample::select(vec![0x53, 0x7c, 0x7f49, 0x5f_c105]),
            ) {
                let bytes = [value(0x30, &before), value(tag, &content), value(0xfe, &[])].concat();
                prop_assert_eq!(find(tag, &bytes), Some(content.as_slice()));
            }

            #[test]
            fn whatever_a_card_sends_is_read_or_left(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
                find(0x7f49, &bytes);
            }
        }

        #[test]
        fn a_value_that_is_cut_off_is_none() {
            let whole = value(0x53, &[1, 2, 3]);
            assert_eq!(find(0x53, &whole[..4]), None);
            assert_eq!(find(0x53, &[0x53, 0x80, 0, 0]), None);
            assert_eq!(find(0x53, &[]), None);
        }
    }
}
