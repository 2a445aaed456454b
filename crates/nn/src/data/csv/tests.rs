use super::*;
use crate::data::DataErrorKind;
use ndarray::array;
use proptest::prelude::*;

mod features;

fn read(text: &str) -> Dataset {
    Dataset::read_csv(text.as_bytes(), &CsvOptions::new()).unwrap()
}

fn fault_with(text: &[u8], options: &CsvOptions) -> String {
    Dataset::read_csv(text, options).unwrap_err().to_string()
}

fn fault(text: &str) -> String {
    fault_with(text.as_bytes(), &CsvOptions::new())
}

/// Two rows, two features, two classes, as all the forms below should be read.
fn plain() -> Dataset {
    Dataset::new(array![[1.5, -2.0], [3000.0, 0.25]], vec![1, 0], ["a", "b"])
        .unwrap()
        .with_feature_names(["x", "y"])
        .unwrap()
}

#[test]
fn forms_of_one_text() {
    for text in [
        "x,y,class\n1.5,-2,b\n3e3,.25,a\n",
        "x,y,class\n1.5,-2,b\n3e3,.25,a",
        "x,y,class\r\n1.5,-2,b\r\n3e3,.25,a\r\n",
        "x,y,class\r1.5,-2,b\r3e3,.25,a",
        "\u{feff}x,y,class\n1.5,-2,b\n3e3,.25,a\n",
        "\u{feff}\"x\",\"y\",\"class\"\r\n\"1.5\",\"-2\",\"b\"\r\n\"3e3\",\".25\",\"a\"\r\n",
        "\n\nx,y,class\n\n1.5,-2,b\n  \n3e3,.25,a\n\n\r\n",
        " x , y , class \n 1.5 ,\t-2, b\n +3000 , 0.25 , a \n",
    ] {
        assert_eq!(read(text), plain(), "{text:?}");
    }
}

#[test]
fn quoted_cells_hold_delimiters_and_quotes() {
    let data = read("\"width, in m\",class\n1,\"a, \"\"b\"\"\"\n");
    assert_eq!(data.feature_names(), ["width, in m"]);
    assert_eq!(data.class_names(), ["a, \"b\""]);
}

#[test]
fn label_columns() {
    let read = |text: &str, options: CsvOptions| Dataset::read_csv(text.as_bytes(), &options).unwrap();
    let options = CsvOptions::new();
    assert_eq!(read("x,class,y\n1.5,b,-2\n3000,a,0.25\n", options.clone().label("class")), plain());
    assert_eq!(read("class;x;y\nb;1.5;-2\na;3000;0.25\n", options.clone().delimiter(';').label(0)), plain());
    let bare = read("1.5,-2,b\n3000,0.25,a\n", options.clone().header(false));
    assert_eq!(bare.feature_names(), ["column 1", "column 2"]);
    assert_eq!((bare.features(), bare.labels()), (plain().features(), plain().labels()));
    // A header of numbers, as pandas writes it, is one where it is said to be, or where the label is found in it.
    assert_eq!(read("0,1,2\n5,6,a\n", options.clone().header(true)).feature_names(), ["0", "1"]);
    assert_eq!(read("0,1,class\n5,6,a\n", options.label("class")).len(), 1);
}

#[test]
fn faults_of_label_columns() {
    let text = b"x,y,class\n1,2,a\n";
    assert_eq!(
        fault_with(text, &CsvOptions::new().label("kind")),
        "no column is named `kind`, as the label's should be; there are: x, y, class"
    );
    assert_eq!(
        fault_with(text, &CsvOptions::new().label(3)),
        "the label column 3, counted from 0, is beyond the 3 columns"
    );
    assert_eq!(
        fault_with(text, &CsvOptions::new().label("class").header(false)),
        "the label column `class` is named, and there is no header"
    );
    assert_eq!(fault_with(b"c,x,c\n", &CsvOptions::new().label("c")), "two columns are named `c`");
}

#[test]
fn faults_of_rows() {
    assert_eq!(fault("x,y,class\n1,2,a\n1,2\n"), "line 3: 3 columns are expected, found 2");
    assert_eq!(fault("x,y,class\n1,2,a\n1,2,a,\n"), "line 3: 3 columns are expected, found 4");
    assert_eq!(
        fault("x,y,class\n1,2,a\n\n\n,,\n"),
        "line 5, column `x`: a number is expected, found nothing"
    );
    assert_eq!(fault("x,y,class\n1,two,a\n"), "line 2, column `y`: a number is expected, found `two`");
    assert_eq!(fault("x,y,class\n1,2 3,a\n"), "line 2, column `y`: a number is expected, found `2 3`");
    assert_eq!(fault("x,y,class\n1,,a\n"), "line 2, column `y`: a number is expected, found nothing");
    assert_eq!(fault("x,y,class\n1,2,\n"), "line 2, column `class`: a class is expected, found nothing");
    assert_eq!(fault("x,class\n1,1\n2,NaN\n"), "line 3, column `class`: a class is expected, found `NaN`");
    for text in ["NaN", "nan", "inf", "-Infinity"] {
        let wanted = format!("line 2, column `x`: a finite number is expected, found `{text}`");
        assert_eq!(fault(&format!("x,class\n{text},a\n")), wanted);
    }
    assert_eq!(
        fault("x,class\n1e39,a\n"),
        "line 2, column `x`: a number within ±3.4028235e38 (f32) is expected, found `1e39`"
    );
}

#[test]
fn faults_of_whole_texts() {
    assert_eq!(fault(""), "the text is empty");
    assert_eq!(fault("\u{feff}\r\n \n"), "the text is empty");
    assert_eq!(fault("x,class\n"), "there is a header and no row");
    assert_eq!(fault("x;class\n1;a\n"), "a column beside the label's is expected; is ',' the delimiter?");
    assert_eq!(
        fault("1,2,a\n3,4,b\n"),
        "line 1: a header is expected, found numbers; say header(false) for rows without one"
    );
    assert_eq!(
        fault_with(b"", &CsvOptions::new().delimiter('→')),
        "the delimiter '→' is no ASCII character, or has a use already"
    );
    let options = CsvOptions::new().classes(["a", "b"]);
    assert_eq!(
        fault_with(b"x,class\n1,c\n", &options),
        "line 2, column `class`: one of the classes a, b is expected, found `c`"
    );
}

#[test]
fn faults_of_encoding() {
    let text = |text: &[u8]| fault_with(text, &CsvOptions::new());
    assert_eq!(
        text(b"\xff\xfex\0,\0c\0\n\0"),
        "line 1, column `column 1`: text in UTF-8 is expected, found `\u{fffd}\u{fffd}x\\u{0}`"
    );
    assert_eq!(
        text(b"x,c\n1,caf\xe9\n"),
        "line 2, column `c`: text in UTF-8 is expected, found `caf\u{fffd}`"
    );
    assert_eq!(text(b"x,c\n\xb5,a\n"), "line 2, column `x`: a number is expected, found `\u{fffd}`");
}

/// The line is that on which the row begins, whatever the line ends, blank lines and quoted line breaks before it.
#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let rows = ["", "x,\"cla\nss\"", "1,a", "", "", "\"2\",a", "wrong,a"];
    for end in ["\n", "\r\n", "\r"] {
        for last in ["", end] {
            let text = rows.join("\n").replace('\n', end) + last;
            let error = Dataset::read_csv(text.as_bytes(), &CsvOptions::new()).unwrap_err();
            assert_eq!((error.line(), error.column()), (Some(8), Some("x")), "{text:?}: {error}");
        }
    }
}

#[test]
fn a_quote_left_open_does_not_become_a_class() {
    assert_eq!(
        fault("x,class\n1,\"a\n2,b\n3,c\n"),
        "line 2, column `class`: a class on one line is expected, found `a\\n2,b\\n3,c`; is a quote left open?"
    );
}

#[test]
fn classes_in_order() {
    let classes = |labels: &str| {
        let data = read(&format!("x,class\n0,{}", labels.replace(' ', "\n0,")));
        (data.class_names().join(" "), data.labels().to_vec())
    };
    assert_eq!(classes("10 9 -1 9"), ("-1 9 10".into(), vec![2, 1, 0, 1]));
    assert_eq!(classes("10 9 b 9"), ("10 9 b".into(), vec![0, 1, 2, 1]));
    assert_eq!(classes("1.0 0 1 -0"), ("0 1.0".into(), vec![1, 0, 1, 0]));
    assert_eq!(classes("b B a"), ("B a b".into(), vec![2, 0, 1]));
}

#[test]
fn a_file_is_named_in_its_errors() {
    let path = std::env::temp_dir().join(format!("chainrule-csv-{}.csv", std::process::id()));
    std::fs::write(&path, "x,class\n1,a\none,b\n").unwrap();
    let error = Dataset::from_csv(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        error.to_string(),
        format!("{}, line 3, column `x`: a number is expected, found `one`", path.display())
    );
    assert_eq!(Dataset::from_csv(std::env::temp_dir()).unwrap_err().kind(), DataErrorKind::Io);
}

fn finite() -> impl Strategy<Value = f32> {
    any::<f32>().prop_filter("finite", |x| x.is_finite())
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec((prop::collection::vec(finite(), 3), 0usize..5), 1..20),
        names in prop::collection::vec("[a-z,\";' ]{0,6}", 3),
        crlf in any::<bool>(),
    ) {
        let classes = ["a", "b, \"c\"", "d;", "e'", "f g"];
        let mut writer = csv::WriterBuilder::new();
        writer.terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') });
        let mut writer = writer.from_writer(Vec::new());
        writer.write_record(names.iter().map(String::as_str).chain(["class"])).unwrap();
        for (numbers, class) in &rows {
            let cells = numbers.iter().map(ToString::to_string).chain([classes[*class].to_string()]);
            writer.write_record(cells).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let options = CsvOptions::new().header(true).classes(classes);
        let data = Dataset::read_csv(&text[..], &options).unwrap();
        prop_assert_eq!(data.len(), rows.len());
        for (name, written) in data.feature_names().iter().zip(&names) {
            prop_assert_eq!(name, written.trim());
        }
        for (k, (numbers, class)) in rows.iter().enumerate() {
            prop_assert_eq!(data.features().row(k).to_vec(), numbers.clone());
            prop_assert_eq!(data.labels()[k], *class);
        }
    }

    #[test]
    fn no_text_is_a_panic(text in "[x1.,\"\n\r ea\u{feff}]{0,60}", header in any::<Option<bool>>()) {
        let options = CsvOptions { header, ..CsvOptions::new() };
        if let Ok(data) = Dataset::read_csv(text.as_bytes(), &options) {
            prop_assert!(data.width() > 0 && !data.is_empty());
            prop_assert!(data.features().iter().all(|x| x.is_finite()));
            prop_assert!(data.labels().iter().all(|&label| label < data.classes()));
        }
    }
}
