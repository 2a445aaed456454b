//! Categories, missing values, regression, and one file read as another was.

use crate::data::source::tests::packed;
use crate::data::{
    Classes, Csv, CsvColumn, CsvOptions, CsvSchema, DataError, DataErrorKind, Dataset, Missing, Unlabelled,
    Values,
};
use ndarray::array;
use proptest::prelude::*;

const DIAMONDS: &str =
    "carat,cut,depth,price\n0.5,Ideal,61,300\n1.5,Fair,60,9000\n0.7,Good,62,1200\n1,Fair,59,4000\n";

fn values(text: &str, options: &CsvOptions) -> Result<Csv<Values>, DataError> {
    Csv::read(text.as_bytes(), options)
}

fn fault(text: &str, options: &CsvOptions) -> String {
    values(text, options).unwrap_err().to_string()
}

#[test]
fn categories_become_columns() {
    for options in [CsvOptions::new().categorical(["cut"]), CsvOptions::new().categorical_text(true)] {
        let csv = values(DIAMONDS, &options).unwrap();
        assert_eq!(csv.data.feature_names(), ["carat", "cut=Fair", "cut=Good", "cut=Ideal", "depth"]);
        let wanted = array![
            [0.5, 0.0, 0.0, 1.0, 61.0],
            [1.5, 1.0, 0.0, 0.0, 60.0],
            [0.7, 0.0, 1.0, 0.0, 62.0],
            [1.0, 1.0, 0.0, 0.0, 59.0]
        ];
        assert_eq!(csv.data.features(), wanted);
        assert_eq!(csv.data.targets(), array![[300.0], [9000.0], [1200.0], [4000.0]]);
        assert_eq!(csv.data.target_names(), ["price"]);
        assert_eq!(csv.schema.features[1].categories, ["Fair", "Good", "Ideal"]);
        assert_eq!(csv.schema.features[1].means, [0.5, 0.25, 0.25]);
        assert_eq!((csv.schema.targets, csv.schema.classes), (vec!["price".to_owned()], vec![]));
    }
    // Numbers, too, and in their order; 1 and 1.0 are one.
    let text = "a,b\n10,1\n1,1\n9,1\n1.0,1\n";
    let csv = values(text, &CsvOptions::new().categorical(["a"])).unwrap();
    assert_eq!(csv.data.feature_names(), ["a=1", "a=9", "a=10"]);
    assert_eq!(csv.data.features().row(3).to_vec(), [1.0, 0.0, 0.0]);
}

#[test]
fn columns_are_chosen() {
    let options = CsvOptions::new().features(["depth", "carat"]);
    let chosen = values(DIAMONDS, &options).unwrap();
    assert_eq!(chosen.data.feature_names(), ["depth", "carat"]);
    assert_eq!(chosen.data.features().row(0).to_vec(), [61.0, 0.5]);
    let options = CsvOptions::new().drop(["cut"]).targets(["price", "carat"]);
    let dropped = values(DIAMONDS, &options).unwrap();
    assert_eq!(dropped.data.feature_names(), ["depth"]);
    assert_eq!(dropped.data.targets().row(1).to_vec(), [9000.0, 1.5]);
    let bare = "0.5,Ideal,300\n1.5,Fair,9000\n";
    let options = CsvOptions::new().header(false).categorical([1]).target(2);
    assert_eq!(
        values(bare, &options).unwrap().data.feature_names(),
        ["column 1", "column 2=Fair", "column 2=Ideal"]
    );
}

#[test]
fn columns_that_do_not_fit_are_errors() {
    let options = CsvOptions::new;
    let there = "there are: carat, cut, depth, price";
    assert_eq!(
        fault(DIAMONDS, &options().target("cost")),
        format!("no column is named `cost`, as the target's should be; {there}")
    );
    assert_eq!(
        fault(DIAMONDS, &options().drop(["kind"])),
        format!("no column is named `kind`, as the dropped column's should be; {there}")
    );
    assert_eq!(
        fault(DIAMONDS, &options().categorical([4])),
        "the category column 4, counted from 0, is beyond the 4 columns"
    );
    assert_eq!(
        fault(DIAMONDS, &options().features(["price"])),
        "the column `price` is a feature and the target's"
    );
    assert_eq!(
        fault(DIAMONDS, &options().features(["carat"]).categorical(["cut"])),
        "the column `cut` is to hold categories, and is no feature"
    );
    assert_eq!(
        fault(DIAMONDS, &options().drop([0, 1, 2])),
        "a column beside the target's is expected, that is not dropped"
    );
    assert_eq!(
        fault("price\n1\n", &options()),
        "a column beside the target's is expected; is ',' the delimiter?"
    );
    assert_eq!(fault("x,y\n1,a\n", &options()), "line 2, column `y`: a number is expected, found `a`");
    assert_eq!(
        fault("1,2\n3,4\n", &options()),
        "line 1: a header is expected, found numbers; say header(false) for rows without one"
    );
    let two = Csv::<Classes>::read(DIAMONDS.as_bytes(), &options().targets(["cut", "price"])).unwrap_err();
    assert_eq!(two.to_string(), "one column of labels is expected, found 2");
    assert_eq!(
        fault("a,b\n,1\n", &options().categorical(["a"])),
        "line 2, column `a`: a category is expected, found nothing"
    );
}

const HOLES: &str = "x,colour,y\n1,red,10\n,blue,20\nNA,red,30\n4,?,40\n7,blue,\n";

#[test]
fn missing_values_are_refused_dropped_or_filled() {
    let options = |missing| CsvOptions::new().categorical(["colour"]).missing(missing);
    assert_eq!(
        fault(HOLES, &options(Missing::Refuse)),
        "line 3, column `x`: a number is expected, found nothing"
    );
    let dropped = values(HOLES, &options(Missing::DropRow)).unwrap();
    assert_eq!(dropped.data.features(), array![[1.0, 1.0]]);
    assert_eq!((dropped.missing.cells, dropped.missing.rows_dropped), (4, 4));
    let place = |line, column: &str| (line, column.to_owned());
    assert_eq!(dropped.missing.first, [place(3, "x"), place(4, "x"), place(5, "colour"), place(6, "y")]);
    assert_eq!(
        dropped.missing.to_string(),
        "4 cells are missing (line 3, column `x`; line 4, column `x`; line 5, column `colour`; line 6, column `y`); \
         4 rows are left out"
    );

    assert_eq!(
        fault(HOLES, &options(Missing::FillMean)),
        "line 6, column `y`: a number is expected, found nothing",
        "a target is not made up"
    );
    let filled = values(&HOLES.replace("7,blue,", "7,blue,50"), &options(Missing::FillMean)).unwrap();
    let wanted = array![[1.0, 0.0, 1.0], [4.0, 1.0, 0.0], [4.0, 0.0, 1.0], [4.0, 0.5, 0.5], [7.0, 1.0, 0.0]];
    assert_eq!(filled.data.features(), wanted);
    assert_eq!(
        filled.missing.to_string(),
        "3 cells are missing (line 3, column `x`; line 4, column `x`; line 5, column `colour`)"
    );
    assert_eq!(
        values(DIAMONDS, &CsvOptions::new().drop(["cut"])).unwrap().missing.to_string(),
        "0 cells are missing"
    );
}

#[test]
fn what_cannot_be_filled_or_is_all_dropped_is_an_error() {
    let options = |missing| CsvOptions::new().missing(missing);
    assert_eq!(
        fault("x,y\n,1\n,2\n", &options(Missing::FillMean)),
        "column `x`: a number is expected in one row at least, to fill in their mean, found none"
    );
    assert_eq!(
        fault("x,y\n,1\n,2\n", &options(Missing::DropRow)),
        "a row without missing cells is expected, found none; 2 cells are missing (line 2, column `x`; line 3, \
         column `x`); 2 rows are left out"
    );
    let many = "x,y\n".to_owned() + &",1\n".repeat(30) + "5,1\n";
    let csv = values(&many, &options(Missing::DropRow)).unwrap();
    assert_eq!((csv.missing.cells, csv.missing.first.len()), (30, 10));
    assert!(csv.missing.to_string().contains("line 11, column `x`; …); 30 rows"), "{}", csv.missing);
}

#[test]
fn another_file_is_read_alike() {
    let train = values(DIAMONDS, &CsvOptions::new().categorical(["cut"])).unwrap();
    let options = train.schema.options();
    // Another order, other columns, fewer categories, and something missing.
    let other = "id,price,depth,cut,carat\n7,5,60,Good,2\n8,6,,Good,\n";
    let test = values(other, &options.clone().missing(Missing::FillMean)).unwrap();
    assert_eq!(test.data.feature_names(), train.data.feature_names());
    assert_eq!(test.schema, train.schema);
    let means = [0.925f64 as f32, 60.5];
    assert_eq!(test.data.features(), array![[2.0, 0.0, 1.0, 0.0, 60.0], [means[0], 0.0, 1.0, 0.0, means[1]]]);

    let bare = Csv::<Unlabelled>::read("cut,carat,depth\nFair,1,2\n".as_bytes(), &options).unwrap();
    assert_eq!(bare.data.features(), array![[1.0, 1.0, 0.0, 0.0, 2.0]]);
    assert_eq!(
        fault("carat,cut,depth,price\n1,Fair,1,1\n1,Superb,1,1\n", &options),
        "line 3, column `cut`: one of the categories Fair, Good, Ideal is expected, found `Superb`"
    );
    assert_eq!(
        fault("carat,depth,price\n1,1,1\n", &options),
        "no column is named `cut`, as the feature's should be; there are: carat, depth, price"
    );
    // The schema is plain data.
    let CsvSchema { header, features, targets, classes } = train.schema.clone();
    let copy = |column: CsvColumn| CsvColumn {
        name: column.name,
        categories: column.categories,
        means: column.means,
    };
    let again = CsvSchema { header, features: features.into_iter().map(copy).collect(), targets, classes };
    assert_eq!(again.options(), options);
    let mut short = train.schema;
    short.features[1].means.pop();
    assert_eq!(
        fault(DIAMONDS, &short.options()),
        "column `cut`: 3 means are expected in the schema, found 2"
    );
}

#[test]
fn classes_are_those_of_the_schema() {
    let train = Csv::<Classes>::read("x,class\n1,a\n2,b\n3,c\n".as_bytes(), &CsvOptions::new()).unwrap();
    let test = Csv::<Classes>::read("class,x\nc,1\n".as_bytes(), &train.schema.options()).unwrap();
    assert_eq!((test.data.labels(), test.data.class_names()), (&[2][..], train.data.class_names()));
    let error = Csv::<Classes>::read("x,class\n1,d\n".as_bytes(), &train.schema.options()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column `class`: one of the classes a, b, c is expected, found `d`"
    );
    let numbers = Csv::<Classes>::read("x,class\n1,1\n2,1.0\n3,2\n".as_bytes(), &CsvOptions::new()).unwrap();
    let again =
        Csv::<Classes>::read("x,class\n1,1.0\n2,2.0\n".as_bytes(), &numbers.schema.options()).unwrap();
    assert_eq!(again.data.labels(), [0, 1]);
    let bare = Csv::<Classes>::read("1,a\n2,b\n".as_bytes(), &CsvOptions::new().header(false)).unwrap();
    let other = Csv::<Classes>::read("5,b\n".as_bytes(), &bare.schema.options()).unwrap();
    assert_eq!((other.data.labels(), other.data.features()[[0, 0]]), (&[1][..], 5.0));
}

#[test]
fn packed_texts_are_unpacked() {
    let options = CsvOptions::new().categorical_text(true);
    let plain = values(DIAMONDS, &options).unwrap();
    assert_eq!(Csv::read(&packed(DIAMONDS.as_bytes())[..], &options).unwrap(), plain);
    let path = std::env::temp_dir().join(format!("chainrule-csv-packed-{}.csv.gz", std::process::id()));
    std::fs::write(&path, packed(DIAMONDS.as_bytes())).unwrap();
    let data = Dataset::regression_csv(&path, &options).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(data, plain.data);

    let bomb = packed(&[b"x,y\n", &b"1,2\n".repeat(1 << 20)[..]].concat());
    assert!(bomb.len() < 1 << 16);
    let error = Dataset::read_regression_csv(&bomb[..], &options.clone().limit(1 << 20)).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Limit);
    let short = packed(DIAMONDS.as_bytes());
    let error = Dataset::read_regression_csv(&short[..short.len() - 9], &options).unwrap_err();
    assert_eq!(error.to_string(), "the packed bytes are cut short");
}

proptest! {
    #[test]
    fn no_change_of_a_text_is_a_panic(
        changes in prop::collection::vec((0usize..90, any::<u8>()), 0..5), len in 0usize..100, pack in any::<bool>(),
        fill in any::<bool>(),
    ) {
        let mut bytes = DIAMONDS.as_bytes().to_vec();
        bytes.truncate(len);
        let mut bytes = if pack { packed(&bytes) } else { bytes };
        for (place, byte) in changes {
            if let Some(old) = bytes.get_mut(place) {
                *old = byte;
            }
        }
        let missing = if fill { Missing::FillMean } else { Missing::DropRow };
        let options = CsvOptions::new().categorical_text(true).missing(missing);
        if let Ok(csv) = Csv::<Values>::read(&bytes[..], &options) {
            prop_assert!(csv.data.features().iter().all(|x| x.is_finite()));
            match Csv::<Values>::read(&bytes[..], &csv.schema.options().missing(missing)) {
                Ok(again) => prop_assert_eq!(again, csv),
                Err(error) => prop_assert_eq!(error.kind(), DataErrorKind::Column, "two of one name: {}", error),
            }
        }
    }
}
