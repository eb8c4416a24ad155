//! How the line is laid, kept and laid anew.

use super::{Book, Line, Live, Way, book, current, hear};
use crate::{
    calls::client::in_background,
    state::{
        browser,
        events::Events,
        socket::{Heard, Socket},
        storage,
    },
};
use futures::{
    StreamExt,
    channel::mpsc,
    future::{Either, select},
};
use leptos::prelude::*;
use std::pin::pin;
use wire::live::{Ask, EndedBy};

/// Where it leads.
const ADDRESS: &str = "/api/v1/live/ws";
/// Asked whether the server is there at all.
const PROBE: &str = "/livez";
/// After so many milliseconds without a word the server is asked whether it is there.
const QUIET: u32 = 20_000;
/// How long an answer may take.
const PATIENCE: u32 = 8_000;
/// How long a page may be out of sight before it lets go of the line.
const UNSEEN: i64 = 60_000;
/// How often it is looked whether there is reason to lay the line.
const LOOK: u32 = 500;
/// How long it waits before it lays the line anew; the last one stays.
const WAITS: [u32; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// One that breaks again sooner than this does not hold, in milliseconds.
const STEADY: i64 = 10_000;
/// How long other tabs have to say that it was they who signed out.
const GRACE: u32 = 300;

/// How a line came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There is no reason to have one.
    Resting,
    /// It broke; whether it had stood.
    Broken(bool),
    /// The server says that what proved who one is proves it no more.
    Ended(Option<EndedBy>),
}

fn stands(line: Line) {
    let changed = book(|book| {
        if book.line == line {
            return None;
        }
        book.line = line;
        book.since = browser::now();
        book.live.map(|live| (live, book.since))
    });
    if let Some((live, since)) = changed {
        let _ = live.since.try_set(since);
        let _ = live.line.try_set(line);
    }
}

fn was_ended(by: Option<EndedBy>) {
    if let Some(live) = current() {
        let _ = live.ended.try_set(by);
    }
}

/// Keeps the line, as long as the page is open.
pub(super) async fn keep() {
    let mut tries = 0;
    let mut unseen_since = None;
    let mut is_by_events = false;
    loop {
        let seen = is_seen(&mut unseen_since);
        let Some(live) = current().filter(|live| seen && !live.rests()) else {
            stands(Line::Off);
            tries = 0;
            browser::pause(LOOK).await;
            continue;
        };
        if tries > 0 && !is_by_events {
            let wait = WAITS[usize::min(tries, WAITS.len()) - 1];
            // Not all pages come back at the same moment.
            browser::pause(wait + u32::try_from(browser::now() % 1_000).unwrap_or(0)).await;
            if !browser::answers(PROBE).await {
                live.session.reach.lost();
                continue;
            }
        }
        let laid_at = browser::now();
        let end = serve(is_by_events, &mut unseen_since).await;
        book(|book| book.way = None);
        let is_steady = tries == 0 || browser::now() - laid_at > STEADY;
        // Each line is tried as a socket first.
        is_by_events = !is_by_events && end == End::Broken(false);
        match end {
            End::Resting => tries = 0,
            // At once the other way, before anybody is told.
            End::Broken(_) if is_by_events => {}
            End::Broken(true) if is_steady => tries = 1,
            End::Broken(_) => {
                tries += 1;
                stands(Line::Broken);
                // The server is there: perhaps it is the session that is not.
                in_background(live.session.learn()).await;
            }
            End::Ended(by) => {
                tries += 1;
                was_ended(by);
                browser::pause(GRACE).await;
                // Who signed out is on the way to another page; who is signed in after all goes on; else
                // the page asks for the password.
                if live.session.user_id().is_none() || storage::load().is_some() {
                    in_background(live.session.learn()).await;
                }
            }
        }
    }
}

/// Whether somebody sees the page, or did a moment ago.
fn is_seen(unseen_since: &mut Option<i64>) -> bool {
    if browser::is_visible() {
        *unseen_since = None;
        return true;
    }
    let now = browser::now();
    now - *unseen_since.get_or_insert(now) < UNSEEN
}

/// Lays a line, and hears what comes over it until it ends.
async fn serve(is_by_events: bool, unseen_since: &mut Option<i64>) -> End {
    let (tell, mut told) = mpsc::unbounded();
    let heard = move |what| drop(tell.unbounded_send(what));
    // Kept apart until it is open: nothing is sent before.
    let mut opening = if is_by_events {
        Some(Way::Events(Events::open(book(Book::topics), heard)))
    } else {
        Socket::open(ADDRESS, heard).map(Way::Socket)
    };
    if opening.is_none() {
        return End::Broken(false);
    }
    let mut is_asked = true;
    loop {
        let wait = if is_asked { PATIENCE } else { QUIET };
        match within(wait, &mut told).await {
            Some(Heard::Open) => {
                is_asked = false;
                begin(opening.take());
            }
            Some(Heard::Text(text)) => {
                is_asked = false;
                if let Some(end) = hear(&text) {
                    return end;
                }
            }
            Some(Heard::Closed) => return End::Broken(opening.is_none()),
            None if is_asked => return End::Broken(opening.is_none()),
            None => {
                is_asked = true;
                book(|book| book.say(&Ask::Ping { reference: None }));
            }
        }
        if !is_seen(unseen_since) || current().is_none_or(Live::rests) {
            return End::Resting;
        }
    }
}

/// What comes next; nothing when nothing does for so many milliseconds.
async fn within(millis: u32, told: &mut mpsc::UnboundedReceiver<Heard>) -> Option<Heard> {
    match select(told.next(), pin!(browser::pause(millis))).await {
        Either::Left((heard, _)) => Some(heard.unwrap_or(Heard::Closed)),
        Either::Right(_) => None,
    }
}

/// The line stands: subscribes to all that is watched.
fn begin(way: Option<Way>) {
    book(|book| {
        book.way = way;
        book.topics().into_iter().for_each(|kept| book.subscribe(kept));
    });
    was_ended(None);
    stands(Line::On);
}
