//! How well a text answers a search: its letters in order, starts of words and runs first.

/// A text that answers a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// The higher the better.
    pub score: i32,
    /// Which letters of the text, counted from 0, were searched for.
    pub letters: Vec<usize>,
}

/// Looks for the letters of `query` in `text`, in order and in any case.
pub(super) fn matching(text: &str, query: &str) -> Option<Match> {
    let text: Vec<char> = text.chars().map(lower).collect();
    let query: Vec<char> = query.chars().filter(|letter| !letter.is_whitespace()).map(lower).collect();
    let (first, rest) = match query.split_first() {
        None => return Some(Match { score: 0, letters: Vec::new() }),
        Some((first, rest)) => (*first, rest),
    };
    // Each place where the first letter stands is a start; the best one wins.
    let starts = text.iter().enumerate().filter(|(_, letter)| **letter == first);
    starts.filter_map(|(start, _)| from(&text, start, rest)).max_by_key(|found| found.score)
}

fn from(text: &[char], start: usize, rest: &[char]) -> Option<Match> {
    let mut letters = vec![start];
    let mut score = worth(text, start) - i32::try_from(start).ok()?.min(10);
    for wanted in rest {
        let after = letters.last()? + 1;
        let tail = || (after..text.len()).filter(|at| text[*at] == *wanted);
        let next = tail().next()?;
        // The start of a later word is worth a jump, but not out of a run.
        let at = if next == after { next } else { tail().find(|at| starts_word(text, *at)).unwrap_or(next) };
        score += worth(text, at) + if at == after { 15 } else { 0 };
        letters.push(at);
    }
    score -= i32::try_from(text.len()).ok()? / 8;
    Some(Match { score, letters })
}

fn worth(text: &[char], at: usize) -> i32 {
    if starts_word(text, at) { 11 } else { 1 }
}

fn starts_word(text: &[char], at: usize) -> bool {
    at == 0 || !text[at - 1].is_alphanumeric()
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_must_come_in_order() {
        assert!(matching("Audit log", "alg").is_some());
        assert!(matching("Audit log", "gla").is_none());
        assert!(matching("Users", "userz").is_none());
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        assert_eq!(matching("Add a user", "ADD US").map(|found| found.letters.len()), Some(5));
    }

    #[test]
    fn starts_of_words_and_runs_rank_first() {
        let score = |text, query| matching(text, query).map(|found| found.score);
        assert!(score("Jonas Weber", "jon") > score("Major news", "jon"));
        assert!(score("Audit log", "al") > score("Global", "al"));
        assert!(score("Users", "us") > score("Status", "us"));
    }

    #[test]
    fn the_letters_found_are_told() {
        assert_eq!(matching("Jonas Weber", "jon").map(|found| found.letters), Some(vec![0, 1, 2]));
        assert_eq!(matching("Audit log", "al").map(|found| found.letters), Some(vec![0, 6]));
    }

    #[test]
    fn nothing_searched_answers_everything() {
        assert!(matching("Users", "").is_some());
    }
}
