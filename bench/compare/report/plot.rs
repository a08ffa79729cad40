//! Pictures of the ratios and of the curves.

use std::path::PathBuf;

use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    coord::Shift,
    prelude::{
        BLACK, Circle, Color, DrawingArea, IntoDrawingArea, IntoLogRange, LineSeries, Palette,
        Palette99, PathElement, SVGBackend, WHITE,
    },
};

use super::{Line, Outcome, Spread, pictures};
use crate::{
    contender::{Group, Result},
    growth::{Growth, Series},
    op::Cell,
};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The size of one panel, in pixels.
const PANEL: (u32, u32) = (480, 260);
const COLUMNS: usize = 3;

/// Draws the throughput of a group beside that of whom it compares with; none where nothing was measured.
pub(crate) fn comparison(group: Group, lines: &[Line]) -> Result<Option<PathBuf>> {
    let mut cells: Vec<_> = lines.iter().map(|line| line.cell).collect();
    cells.retain(|cell| cell.group == group);
    cells.dedup();
    if cells.is_empty() {
        return Ok(None);
    }
    let file = pictures()?.join(format!("{}.svg", group.key()));
    let (rows, size) = grid(cells.len());
    let root = SVGBackend::new(&file, size).into_drawing_area();
    root.fill(&WHITE)?;
    for (cell, panel) in cells.iter().zip(root.split_evenly((rows, COLUMNS))) {
        let lines: Vec<_> = lines.iter().filter(|line| line.cell == *cell).collect();
        ratios(&panel, *cell, &lines)?;
    }
    root.present()?;
    drop(root);
    Ok(Some(file))
}

/// A point for the median, and a line from the smallest to the largest ratio.
fn ratios(panel: &Area<'_>, cell: Cell, lines: &[&Line]) -> Result<()> {
    let spread = |line: &Line| match &line.outcome {
        Outcome::Measured(summary) => summary.throughput_ratio,
        Outcome::Missing(_) => None,
    };
    let largest = lines.iter().filter_map(|line| spread(line)).map(|spread| spread.max);
    let right = largest.fold(1.2, f64::max) * 1.05;
    let bottom = -(lines.len() as f64) + 0.5;
    let title = format!("{}: calls/s to {}", cell.title(), cell.group.baseline());
    let mut chart = ChartBuilder::on(panel)
        .caption(title, ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(110)
        .build_cartesian_2d(0.0..right, bottom..0.5)?;
    // Row i stands at -i, the first on top.
    let name = |y: &f64| {
        let row = (-y).round();
        let whole = (y + row).abs() < 0.01;
        let line = lines.get(row as usize).filter(|_| whole);
        line.map_or_else(String::new, |line| line.contender.to_owned())
    };
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .y_labels(lines.len() + 1)
        .y_label_formatter(&name)
        .draw()?;
    chart.draw_series([PathElement::new([(1.0, bottom), (1.0, 0.5)], BLACK.stroke_width(1))])?;
    for (i, line) in lines.iter().enumerate() {
        let Some(Spread { median, min, max }) = spread(line) else { continue };
        let (y, color) = (-(i as f64), Palette99::pick(i));
        chart.draw_series([PathElement::new([(min, y), (max, y)], color.stroke_width(3))])?;
        chart.draw_series([Circle::new((median, y), 5, color.filled())])?;
    }
    Ok(())
}

/// Draws the costs over the length of the conversation, a curve for each table.
pub(crate) fn growth(growth: &Growth) -> Result<PathBuf> {
    let file = pictures()?.join("growth.svg");
    let (rows, size) = grid(growth.series.len());
    let root = SVGBackend::new(&file, size).into_drawing_area();
    root.fill(&WHITE)?;
    for (series, panel) in growth.series.iter().zip(root.split_evenly((rows, COLUMNS))) {
        curves(&panel, series)?;
    }
    root.present()?;
    drop(root);
    Ok(file)
}

fn curves(panel: &Area<'_>, series: &Series) -> Result<()> {
    let costs = series.tables.iter().flat_map(|table| table.p50_us.values().copied());
    let top = costs.fold(0.0, f64::max) * 1.3;
    let mut chart = ChartBuilder::on(panel)
        .caption(format!("{}: p50 in us", series.title), ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d((10.0..200_000.0_f64).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("messages of the conversation")
        .x_labels(6)
        .draw()?;
    for (i, table) in series.tables.iter().enumerate() {
        let points = table.p50_us.iter().map(|(length, us)| (f64::from(*length), *us));
        let color = Palette99::pick(i);
        let line = LineSeries::new(points, color.stroke_width(2)).point_size(3);
        let name = format!("{} rows", table.rows);
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2));
        chart.draw_series(line)?.label(name).legend(legend);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}

/// Rows of panels, and the size of the picture.
fn grid(panels: usize) -> (usize, (u32, u32)) {
    let rows = panels.div_ceil(COLUMNS);
    (rows, (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32))
}
