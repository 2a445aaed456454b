use chainrule::prelude::*;
#[test]
fn scratch() {
    let (all, test) = Dataset::digits().split(0.8, 42);
    for (rows, width, rate, flip) in [(100, 64, 5e-3, 0), (100, 256, 1e-2, 0), (40, 128, 1e-2, 0), (200, 64, 5e-3, 5), (400, 64, 5e-3, 5), (400, 128, 3e-3, 5)] {
        let train = all.select(&(0..rows).collect::<Vec<_>>());
        let labels: Vec<usize> = train.labels().iter().enumerate().map(|(k, &l)| if flip > 0 && k % flip == 0 { (l + 1 + k / flip % 9) % 10 } else { l }).collect();
        let train = Dataset::new(train.features().to_owned(), labels, (0..10).map(|k| k.to_string())).unwrap();
        let mut params = Params::<f32>::seeded(42);
        let model = Mlp::new(&mut params, &[64, width, 10], Activation::Relu);
        let r = Trainer::classifier(&model, Adam::new(rate)).epochs(60).batch(16).validate(&test).fit(&mut params, &train).unwrap();
        for e in r.epochs.iter().filter(|e| [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60].contains(&e.epoch)) {
            println!("{rows} {width} {rate} {flip}: {} {:.4} {:.4} {:.4}", e.epoch, e.loss, e.validation_loss.unwrap(), e.get("accuracy").unwrap());
        }
    }
    let (train, test) = Dataset::digits().split(0.8, 42);
    for net in ["cnn 1x8x8: conv 8x3 bn relu, pool 2, conv 16x3 bn relu, pool 2, linear 32 relu, linear 10", "mlp 64: linear 48 relu, linear 10"] {
        let mut params = Params::<f32>::seeded(42);
        let model = Architecture::parse(net).unwrap().build(&mut params).unwrap();
        println!("{}", chainrule::nn::summary(&params, &model, &[1, 8, 8]));
        let r = Trainer::classifier(&model, Adam::new(3e-3)).epochs(8).batch(32).validate(&test).fit(&mut params, &train).unwrap();
        println!("{net} {} {:.4}", params.count(), r.last().unwrap().get("accuracy").unwrap());
    }
}
