//! A slice of time in which one contender does one thing again and again.

use std::{
    hint::black_box,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use futures_util::{FutureExt, future::try_join_all};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::{
    contender::{BoxError, Contender, Group, Page, Result},
    data::{Bodies, Chat},
    op::{CROWD, Callers, Cell, Op, TASKS, Work},
};

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) cell: Cell,
    pub(crate) work: Arc<Work>,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) length: Duration,
    /// The same for all contenders of a round: they get the same calls in the same order.
    pub(crate) seed: u64,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Slice {
    pub(crate) calls: u64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) per_second: f64,
    /// Time on the processor for each call, of the whole client: what the server uses is not in it.
    pub(crate) cpu_us: f64,
}

/// A page as a chat window shows it.
const NEWEST: Page = Page { limit: 50, before: None };

/// A slice goes on for so many samples, however long they take.
const SAMPLES: usize = 3;

/// Measures after a tenth of the time, in which caches and connections have become warm.
pub(crate) async fn measure<C: Contender>(contender: &Arc<C>, task: &Task) -> Result<Slice> {
    run(contender, task, task.length / 10).await?;
    let (started, cpu) = (Instant::now(), cpu());
    let samples = run(contender, task, task.length).await?;
    Ok(slice(samples, task.batch(), started.elapsed(), self::cpu().saturating_sub(cpu)))
}

/// The duration of each call.
async fn run<C: Contender>(
    contender: &Arc<C>,
    task: &Task,
    length: Duration,
) -> Result<Vec<Duration>> {
    let until = Instant::now() + length;
    match task.cell.callers {
        Callers::Threads(threads) => in_threads(contender, task, threads, until),
        Callers::One => in_tasks(contender, task, 1, until).await,
        Callers::Many => in_tasks(contender, task, TASKS, until).await,
        Callers::Crowd => in_tasks(contender, task, CROWD, until).await,
    }
}

async fn in_tasks<C: Contender>(
    contender: &Arc<C>,
    task: &Task,
    tasks: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let tasks = (0..tasks).map(|lane| {
        let (contender, task) = (Arc::clone(contender), task.clone());
        tokio::spawn(async move { calls(&*contender, &task, lane as u64, until).await })
    });
    let samples = try_join_all(tasks).await?.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(samples.concat())
}

fn in_threads<C: Contender>(
    contender: &Arc<C>,
    task: &Task,
    threads: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let call = |lane| {
        let calls = calls(&**contender, task, lane as u64, until).now_or_never();
        calls.unwrap_or_else(|| Err("what is in memory has to be waited for".into()))
    };
    let samples: Result<Vec<_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|lane| scope.spawn(move || call(lane))).collect();
        let panicked = |_| Err(BoxError::from("a thread has panicked"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    Ok(samples?.concat())
}

/// Calls until the time is up. A call ends when its answer has been dropped.
async fn calls<C: Contender>(
    contender: &C,
    task: &Task,
    lane: u64,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut random = Rng::with_seed(task.seed.wrapping_add(lane));
    let mut samples = Vec::with_capacity(1 << 16);
    loop {
        let started = Instant::now();
        if started >= until && samples.len() >= SAMPLES {
            return Ok(samples);
        }
        for _ in 0..task.batch() {
            call(contender, task, &mut random).await?;
        }
        samples.push(started.elapsed() / task.batch());
    }
}

async fn call<C: Contender>(contender: &C, task: &Task, random: &mut Rng) -> Result<()> {
    let Task { work, bodies, .. } = task;
    match task.cell.op {
        Op::Newest => used(contender.page(one_of(&work.readers, random), NEWEST).await?),
        Op::Deep => {
            let before = random.u32(NEWEST.limit + 1..=work.long.messages);
            let page = Page { before: Some(before), ..NEWEST };
            used(contender.page(&work.long, page).await?);
        }
        Op::Append => {
            let [body, _] = bodies.turn(random);
            used(contender.append(one_of(&work.writers, random), &[body]).await?);
        }
        Op::Turn => {
            let turn = bodies.turn(random);
            used(contender.append(one_of(&work.writers, random), &turn).await?);
        }
        Op::Hot => used(contender.append(&work.hot, &bodies.turn(random)).await?),
        Op::List => used(contender.list(work.lister).await?),
        Op::Walk => used(contender.walk(&work.walk).await?),
    }
    Ok(())
}

fn one_of<'a>(chats: &'a [Chat], random: &mut Rng) -> &'a Chat {
    &chats[random.usize(..chats.len())]
}

fn used<T>(answer: T) {
    drop(black_box(answer));
}

impl Task {
    /// How many calls are timed as one: what takes a microsecond would drown in reading the clock.
    const fn batch(&self) -> u32 {
        match (self.cell.group, self.cell.op) {
            (Group::Memory, Op::Walk) => 1,
            (Group::Memory, _) => 16,
            _ => 1,
        }
    }
}

fn slice(mut samples: Vec<Duration>, batch: u32, elapsed: Duration, cpu: Duration) -> Slice {
    samples.sort_unstable();
    let calls = samples.len() as u64 * u64::from(batch);
    let quantile = |share: f64| {
        let at = (samples.len() as f64 * share) as usize;
        micros(samples[at.min(samples.len() - 1)])
    };
    Slice {
        calls,
        p50_us: quantile(0.5),
        p99_us: quantile(0.99),
        per_second: calls as f64 / elapsed.as_secs_f64(),
        cpu_us: micros(cpu) / calls as f64,
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// What this process has used of the processors.
fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), u32::try_from(used.tv_nsec).unwrap_or(0))
}
