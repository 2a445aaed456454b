//! The numbers behind the functions.

use super::Digits;

impl Digits for f32 {
    const ROUNDING: Self = 12_582_912.0;
    const LN_2_PARTS: [Self; 2] = [0.693_145_75, 1.428_606_8e-6];
    const LN_2_REST: Self = -1.904_654_2e-9;
    const LOG10_2_PARTS: [Self; 2] = [0.301_025_4, 4.605_039e-6];
    const LOG2_E_PARTS: [Self; 2] = [std::f32::consts::LOG2_E, 1.925_963e-8];
    const LOG10_E_PARTS: [Self; 2] = [std::f32::consts::LOG10_E, -1.010_305e-8];
    const HALF_PI: [Self; 3] = [std::f32::consts::FRAC_PI_2, -4.371_139e-8, -1.715_124_5e-15];
    const TWO_OVER_PI: Self = std::f32::consts::FRAC_2_PI;
    const EXP_RANGE: [Self; 2] = [-104.0, 89.0];
    const TINY: Self = Self::EPSILON / 4.0;
    const LIFT: (Self, Self) = (33_554_432.0, 25.0);
    const EXP: &'static [Self] =
        &[0.5, 0.166_666_67, 0.041_666_478, 0.008_333_189, 0.001_393_374_4, 1.996_097_3e-4];
    const LN: &'static [Self] = &[0.666_667_76, 0.399_775_7, 0.298_713_4];
    const SIN: &'static [Self] = &[-0.166_666_55, 0.008_332_191, -1.951_857_6e-4];
    const COS: &'static [Self] = &[0.041_666_646, -0.001_388_731_3, 2.443_294_6e-5];
    const ERF: &'static [Self] = &[
        std::f32::consts::FRAC_2_SQRT_PI,
        -0.376_128_58,
        0.112_861_66,
        -0.026_979_273,
        0.005_499_974_4,
        -0.001_214_293_3,
        3.569_924e-4,
        -7.491_61e-5,
    ];
    const ERFC_END: Self = 11.0;
    const ERFCX_CENTRE: Self = 2.0;
    const ERFCX: &'static [Self] = &[
        1.276_978_4,
        -0.092_763_82,
        -0.166_030_23,
        0.164_051,
        -0.054_220_54,
        -0.008_030_905,
        0.008_719_805,
        0.001_255_009_4,
        -0.001_440_341_9,
        -4.090_68e-4,
        1.830_907_1e-4,
        8.794_846e-5,
    ];

    #[inline(always)]
    fn power_of_two(n: Self) -> Self {
        // The whole number in the last bits, moved to where the exponent is.
        Self::from_bits((n + (Self::ROUNDING + 127.0)).to_bits() << 23)
    }

    #[inline(always)]
    fn parts(self) -> (Self, Self) {
        let root = std::f32::consts::FRAC_1_SQRT_2.to_bits();
        let moved = self.to_bits().wrapping_add(1f32.to_bits() - root);
        let exponent = Self::from_bits((moved >> 23) | 8_388_608f32.to_bits()) - (8_388_608.0 + 127.0);
        (exponent, Self::from_bits((moved & 0x7f_ffff) + root))
    }

    #[inline(always)]
    fn is_odd(rounding: Self) -> bool {
        rounding.to_bits() & 1 != 0
    }

    #[inline(always)]
    fn turned(self, rounding: Self) -> Self {
        Self::from_bits(self.to_bits() ^ ((rounding.to_bits() & 2) << 30))
    }
}

impl Digits for f64 {
    const ROUNDING: Self = 6_755_399_441_055_744.0;
    const LN_2_PARTS: [Self; 2] = [0.693_147_180_559_663, 2.823_529_056_303_157_7e-13];
    const LN_2_REST: Self = 2.319_046_813_846_299_6e-17;
    const LOG10_2_PARTS: [Self; 2] = [0.301_029_995_663_839_14, 1.420_502_322_726_61e-13];
    const LOG2_E_PARTS: [Self; 2] = [std::f64::consts::LOG2_E, 2.035_527_374_093_103_3e-17];
    const LOG10_E_PARTS: [Self; 2] = [std::f64::consts::LOG10_E, 1.098_319_650_216_765e-17];
    const HALF_PI: [Self; 3] =
        [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];
    const TWO_OVER_PI: Self = std::f64::consts::FRAC_2_PI;
    const EXP_RANGE: [Self; 2] = [-746.0, 710.0];
    const TINY: Self = Self::EPSILON / 4.0;
    const LIFT: (Self, Self) = (18_014_398_509_481_984.0, 54.0);
    const EXP: &'static [Self] = &[
        0.5,
        0.166_666_666_666_666_77,
        0.041_666_666_666_666_685,
        0.008_333_333_333_321_381,
        0.001_388_888_888_887_289_3,
        1.984_126_988_683_829_7e-4,
        2.480_158_735_062_827_3e-5,
        2.755_724_342_177_219_3e-6,
        2.755_725_016_894_880_4e-7,
        2.510_933_370_797_189_6e-8,
        2.092_238_257_901_944e-9,
    ];
    const LN: &'static [Self] = &[
        0.666_666_666_666_673_4,
        0.399_999_999_994_157_14,
        0.285_714_287_423_866_95,
        0.222_221_985_555_740_13,
        0.181_835_659_883_266_2,
        0.153_139_917_408_896_6,
        0.147_966_815_933_065_82,
    ];
    const SIN: &'static [Self] = &[
        -0.166_666_666_666_666_32,
        0.008_333_333_333_322_46,
        -1.984_126_982_981_887_2e-4,
        2.755_731_368_958_990_4e-6,
        -2.505_075_703_043_150_7e-8,
        1.589_669_974_417_004_5e-10,
    ];
    const COS: &'static [Self] = &[
        0.041_666_666_666_666_6,
        -0.001_388_888_888_887_445_9,
        2.480_158_728_965_267_5e-5,
        -2.755_731_439_304_125_3e-7,
        2.087_572_787_675_413_5e-9,
        -1.135_984_636_062_022e-11,
    ];
    const ERF: &'static [Self] = &[
        std::f64::consts::FRAC_2_SQRT_PI,
        -0.376_126_389_031_835_65,
        0.112_837_916_709_483_52,
        -0.026_866_170_643_992_597,
        0.005_223_977_614_662_209,
        -8.548_326_387_029_019e-4,
        1.205_530_812_567_899_1e-4,
        -1.492_498_610_265_223_8e-5,
        1.644_977_688_468_331_4e-6,
        -1.620_666_412_482_779_4e-7,
        1.340_713_822_276_394_3e-8,
        -4.274_540_385_878_805e-10,
        -1.760_772_849_903_737_2e-10,
        3.477_947_157_056_251_6e-11,
    ];
    const ERFC_END: Self = 28.0;
    const ERFCX_CENTRE: Self = 4.0;
    const ERFCX: &'static [Self] = &[
        1.232_995_118_625_552_6,
        -0.139_621_116_840_562_9,
        0.015_379_652_102_614_447,
        0.068_097_054_254_736_04,
        -0.101_039_066_036_117_52,
        0.093_732_834_996_870_49,
        -0.066_330_365_815_482_06,
        0.037_167_515_560_645_216,
        -0.016_197_734_022_866_506,
        0.005_031_969_778_288_072,
        -7.577_735_393_322_157e-4,
        -1.992_556_608_602_928_8e-4,
        1.506_229_116_006_494e-4,
        -2.440_253_859_762_304e-5,
        -1.122_617_115_514_201_4e-5,
        5.716_296_739_661_857e-6,
        3.029_850_643_645_646_5e-7,
        -8.327_538_376_076_314e-7,
        6.187_042_658_128_666e-8,
        1.133_400_997_764_732_3e-7,
        -7.870_598_263_522_237e-9,
        -1.296_063_937_719_114_8e-8,
        -1.566_825_405_333_619_5e-9,
    ];

    #[inline(always)]
    fn power_of_two(n: Self) -> Self {
        // The whole number in the last bits, moved to where the exponent is.
        Self::from_bits((n + (Self::ROUNDING + 1023.0)).to_bits() << 52)
    }

    #[inline(always)]
    fn parts(self) -> (Self, Self) {
        let root = std::f64::consts::FRAC_1_SQRT_2.to_bits();
        let moved = self.to_bits().wrapping_add(1f64.to_bits() - root);
        let unit = 4_503_599_627_370_496.0;
        let exponent = Self::from_bits((moved >> 52) | Self::to_bits(unit)) - (unit + 1023.0);
        (exponent, Self::from_bits((moved & 0xf_ffff_ffff_ffff) + root))
    }

    #[inline(always)]
    fn is_odd(rounding: Self) -> bool {
        rounding.to_bits() & 1 != 0
    }

    #[inline(always)]
    fn turned(self, rounding: Self) -> Self {
        Self::from_bits(self.to_bits() ^ ((rounding.to_bits() & 2) << 62))
    }
}
