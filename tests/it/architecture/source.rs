//! The project's Rust files, as text.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One Rust file.
pub(crate) struct Source {
    /// From the project's folder, with `/`.
    pub(crate) path: String,
    text: String,
}

impl Source {
    /// All Rust files below these folders; a folder that is not there has none.
    pub(crate) fn below(folders: &[&str]) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in folders {
            collect(&root.join(folder), &mut files);
        }
        files.sort();
        files.iter().map(|file| Self::read(root, file)).collect()
    }

    /// One file, which must be there.
    pub(crate) fn at(path: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::read(root, &root.join(path))
    }

    /// A file that is not there, for a rule to find fault with.
    pub(crate) fn seeded(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).expect("the file is below the root");
        let text = fs::read_to_string(file);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { path: path.to_string_lossy().replace('\\', "/"), text }
    }

    /// The lines before the file's own test module.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        let tests = self.text.find("\nmod tests {").unwrap_or(self.text.len());
        self.text[..tests].lines()
    }

    /// The same lines without comments and documentation.
    pub(crate) fn code(&self) -> String {
        let lines = self.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// The module below the crate root that the file belongs to.
    pub(crate) fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split(['/', '.']).next().unwrap_or(inside)
    }

    /// What the code names directly below the crate root.
    pub(crate) fn imports(&self) -> Vec<String> {
        let mut code = self.code();
        let depth = self.path.matches('/').count();
        if depth == 1 || (depth == 2 && self.path.ends_with("/mod.rs")) {
            code = code.replace("super::", "crate::");
        }
        let after = code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$'));
        let names = after.flat_map(|(at, path)| first_names(&code[at + path.len()..]));
        // Macros stand at the root wherever they are written.
        names.filter(|name| !name.starts_with("__")).collect()
    }
}

/// The first name of a path, or of each path in a group.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![first_name(path)] };
    let mut depth = 0;
    let ends = |letter: char| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        depth < 0 || (depth == 0 && letter == ',')
    };
    let group_end = closing(group);
    group[..group_end].split(ends).map(first_name).filter(|name| !name.is_empty()).collect()
}

/// Where the group ends whose opening brace was just read.
fn closing(group: &str) -> usize {
    let mut depth = 1;
    let end = group.find(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        depth == 0
    });
    end.unwrap_or(group.len())
}

fn first_name(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
