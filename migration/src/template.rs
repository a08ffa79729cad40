//! Texts of SQL with the names of tables left open; shared with the library.

/// Replaces every `{placeholder}`, in one pass, because a name may itself look like a placeholder.
#[must_use]
pub fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = template.split('{');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (placeholder, rest) = part.split_once('}').unwrap_or((part, ""));
        sql.push_str(&value(placeholder));
        sql.push_str(rest);
    }
    sql
}
