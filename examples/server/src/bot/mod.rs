//! Who answers: a few rules of this server's own, or an endpoint that was named.

mod counted;
mod events;
mod failure;
mod remote;
mod rules;
mod wire;

use std::{env, sync::Arc};

use scrollback::ChatBot;

use crate::{args::Args, metrics::Metrics, run::Failure};
use counted::Counted;
use remote::Remote;
use rules::Rules;

/// The environment's variable with the endpoint's key: arguments can be read by everybody on the machine.
const KEY: &str = "BOT_KEY";

/// The bot that the arguments ask for.
pub(crate) fn chosen(args: &Args, metrics: &Arc<Metrics>) -> Result<Arc<dyn ChatBot>, Failure> {
    let bot: Arc<dyn ChatBot> = match &args.bot_url {
        Some(url) => Arc::new(Remote::new(url, args.bot_model.clone(), env::var(KEY).ok())?),
        None => Arc::new(Rules),
    };
    Ok(Arc::new(Counted::new(bot, Arc::clone(metrics))))
}
